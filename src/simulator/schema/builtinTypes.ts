import { unreachable } from "../../core/result.ts";
import type { StructuralSchema } from "../customResourceSchema.ts";
import texts from "./builtinTypes.json" with { type: "json" };

/**
 * Type → field → what it holds, as `npm run generate:types` takes it from a real API server. A field whose name ends in `!` is
 * required; the field `""` says something of the type itself (`atomic`: it is merged as a whole). What a field holds reads
 * `string`, `integer`, `core.v1.Container`, `[]T` (replaced as a whole), `[]T set`, `[]T by KEY,KEY`, `{}T`, `{}T atomic`, `any`
 * (nothing is known); `~STRATEGY:KEY` says how a strategic merge patch takes it, ` =VALUE` what the server fills in.
 */
export type TypeTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const TEXTS: TypeTexts = texts;

/** A field of a type, read. */
export interface TypeField {
  readonly name: string;
  readonly required: boolean;
  readonly holds: Held;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly default?: string;
}

export type Held =
  | { readonly of: "scalar"; readonly name: string }
  | { readonly of: "type"; readonly name: string }
  | {
      readonly of: "list";
      readonly items: Held;
      readonly kind: "atomic" | "set" | "map";
      readonly keys: readonly string[];
    }
  | { readonly of: "map"; readonly items: Held; readonly atomic: boolean };

/** The name of a built-in kind's type: `core.v1.Pod`, `apps.v1.Deployment`, `coordination.v1.Lease`. */
export function typeNameOf(
  { group, kind }: { readonly group: string; readonly kind: string },
  version: string,
): string {
  return [group === "" ? "core" : group.split(".")[0]!, version, kind].join(".");
}

/** Undefined for a type nobody described. */
export function fieldsOfType(name: string): readonly TypeField[] | undefined {
  if (!Object.hasOwn(TEXTS, name)) return undefined;
  return Object.entries(TEXTS[name]!)
    .filter(([field]) => field !== "")
    .map(([field, text]) => ({ name: field.replace(/!$/, ""), required: field.endsWith("!"), ...readField(text) }));
}

export function isAtomicType(name: string): boolean {
  return TEXTS[name]?.[""] === "atomic";
}

function readField(text: string): Omit<TypeField, "name" | "required"> {
  const [, body = "", strategy, key, value] = /^(.*?)(?: ~([^: ]+)(?::(\S+))?)?(?: =(.*))?$/.exec(text) ?? [];
  return {
    holds: readHeld(body),
    ...(strategy === undefined ? {} : { patchStrategy: strategy }),
    ...(key === undefined ? {} : { patchMergeKey: key }),
    ...(value === undefined ? {} : { default: value }),
  };
}

function readHeld(text: string): Held {
  if (text.startsWith("[]")) {
    const [, item = "", kind, keys = ""] = /^(\S+)(?: (set|by) ?(.*))?$/.exec(text.slice(2)) ?? [];
    const items = readHeld(item);
    return {
      of: "list",
      items,
      kind: kind === "by" ? "map" : kind === "set" ? "set" : "atomic",
      keys: keys.split(","),
    };
  }
  if (text.startsWith("{}")) {
    const [item = "", atomic] = text.slice(2).split(" ");
    return { of: "map", items: readHeld(item), atomic: atomic === "atomic" };
  }
  return { of: Object.hasOwn(TEXTS, text) ? "type" : "scalar", name: text };
}

const schemas = new Map<string, StructuralSchema>();

/** The type's schema; types that hold themselves do so in it as well. Undefined for a type nobody described. */
export function builtinSchema(name: string): StructuralSchema | undefined {
  const known = schemas.get(name);
  const fields = fieldsOfType(name);
  if (known || !fields) return known;
  const properties: Record<string, StructuralSchema> = {};
  const required = fields.filter((field) => field.required).map((field) => field.name);
  const schema: StructuralSchema = {
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(isAtomicType(name) ? { "x-kubernetes-map-type": "atomic" } : {}),
  };
  schemas.set(name, schema);
  for (const { name: field, holds, default: value } of fields) {
    properties[field] = value === undefined ? schemaOf(holds) : { ...schemaOf(holds), default: value };
  }
  return schema;
}

function schemaOf(held: Held): StructuralSchema {
  switch (held.of) {
    case "scalar":
      return SCALARS[held.name] ?? ANY;
    case "type":
      return builtinSchema(held.name) ?? ANY;
    case "map":
    case "list":
      return collectionOf(held, schemaOf(held.items));
    default:
      return unreachable(held);
  }
}

/** The schema of a list or a map, in JSON schema's words and Kubernetes'. */
export function collectionOf<T extends object>(held: Extract<Held, { readonly items: Held }>, items: T) {
  if (held.of === "map") {
    const atomic = held.atomic ? ({ "x-kubernetes-map-type": "atomic" } as const) : {};
    return { type: "object", additionalProperties: items, ...atomic } as const;
  }
  const keys = held.kind === "map" ? { "x-kubernetes-list-map-keys": held.keys } : {};
  return { type: "array", items, "x-kubernetes-list-type": held.kind, ...keys } as const;
}

const ANY: StructuralSchema = { "x-kubernetes-preserve-unknown-fields": true };
const SCALARS: Readonly<Record<string, StructuralSchema>> = {
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  time: { type: "string", format: "date-time" },
  intOrString: { "x-kubernetes-int-or-string": true },
  quantity: { "x-kubernetes-int-or-string": true },
};
