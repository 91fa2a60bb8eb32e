import type { StructuralSchema } from "../customResourceSchema.ts";
import texts from "./builtinTypes.json" with { type: "json" };

/**
 * Type → field → what it holds, as `npm run generate:types` takes it from a real API server. A field whose name ends in `!` is
 * required; the field `""` says something of the type itself (`atomic`: it is merged as a whole). What a field holds reads
 * `string`, `integer`, `core.v1.Container`, `[]T` (replaced as a whole), `[]T set`, `[]T by KEY,KEY`, `{}T`, `{}T atomic`, `any`
 * (nothing is known), and ends in ` =VALUE` when the server fills in that value.
 */
export type TypeTexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const TEXTS: TypeTexts = texts;
const schemas = new Map<string, StructuralSchema>();

/** The name of a built-in kind's type: `core.v1.Pod`, `apps.v1.Deployment`, `coordination.v1.Lease`. */
export function typeNameOf(
  { group, kind }: { readonly group: string; readonly kind: string },
  version: string,
): string {
  return [group === "" ? "core" : group.split(".")[0]!, version, kind].join(".");
}

export function isKnownType(name: string): boolean {
  return Object.hasOwn(TEXTS, name);
}

/** The type's schema; types that hold themselves do so in it as well. Undefined for a type nobody described. */
export function builtinSchema(name: string): StructuralSchema | undefined {
  const known = schemas.get(name);
  if (known || !isKnownType(name)) return known;
  const properties: Record<string, StructuralSchema> = {};
  const fields = Object.entries(TEXTS[name]!).filter(([field]) => field !== "");
  const required = fields.filter(([field]) => field.endsWith("!")).map(([field]) => field.slice(0, -1));
  const atomic = TEXTS[name]![""] === "atomic" ? ({ "x-kubernetes-map-type": "atomic" } as const) : {};
  const schema: StructuralSchema = {
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...atomic,
  };
  schemas.set(name, schema);
  for (const [field, text] of fields) properties[field.replace(/!$/, "")] = schemaOf(text);
  return schema;
}

function schemaOf(text: string): StructuralSchema {
  const [, body = "", value] = /^(.*?)(?: =(.*))?$/.exec(text) ?? [];
  return value === undefined ? bodyOf(body) : { ...bodyOf(body), default: value };
}

function bodyOf(text: string): StructuralSchema {
  if (text.startsWith("[]")) return listOf(text.slice(2));
  if (text.startsWith("{}")) {
    const [item = "", atomic] = text.slice(2).split(" ");
    return {
      type: "object",
      additionalProperties: bodyOf(item),
      ...(atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
    };
  }
  return SCALARS[text] ?? builtinSchema(text) ?? ANY;
}

function listOf(text: string): StructuralSchema {
  const [, item = "", kind = "", keys = ""] = /^(\S+)(?: (set|by) ?(.*))?$/.exec(text) ?? [];
  const list: StructuralSchema = { type: "array", items: bodyOf(item) };
  if (kind === "set") return { ...list, "x-kubernetes-list-type": "set" };
  if (kind !== "by") return list;
  return { ...list, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys.split(",") };
}

const ANY: StructuralSchema = { "x-kubernetes-preserve-unknown-fields": true };
const SCALARS: Readonly<Record<string, StructuralSchema>> = {
  any: ANY,
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  time: { type: "string", format: "date-time" },
  intOrString: { "x-kubernetes-int-or-string": true },
  quantity: { "x-kubernetes-int-or-string": true },
};
