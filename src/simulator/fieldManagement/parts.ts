import { isRecord } from "../apiObject.ts";
import type { StructuralSchema } from "../customResourceSchema.ts";

/** Something in an object that can belong to a manager of its own. */
export interface Part {
  readonly value: unknown;
  readonly schema: StructuralSchema;
  /** A field that the schema declares, not the key of a map or an item of a list. */
  readonly declared: boolean;
}

const UNKNOWN: StructuralSchema = {};

/**
 * What a value consists of, by the step that leads to it; undefined when it is taken as a whole: a scalar, a list without keys, a map that
 * the schema calls atomic. What nothing is known of is opened as far as it consists of objects. Nulls count as absent.
 */
export function partsOf(value: unknown, schema: StructuralSchema): ReadonlyMap<string, Part> | undefined {
  if (Array.isArray(value)) return itemsOf(value, schema);
  if (!isRecord(value) || schema["x-kubernetes-map-type"] === "atomic") return undefined;
  const parts = new Map<string, Part>();
  for (const [field, content] of Object.entries(value)) {
    if (content === null || content === undefined) continue;
    const declared =
      schema.properties && Object.hasOwn(schema.properties, field) ? schema.properties[field] : undefined;
    const other = typeof schema.additionalProperties === "object" ? schema.additionalProperties : UNKNOWN;
    parts.set(`f:${field}`, { value: content, schema: declared ?? other, declared: declared !== undefined });
  }
  return parts;
}

/** The value with other parts, in their order. */
export function withParts(value: unknown, parts: readonly (readonly [string, unknown])[]): unknown {
  return Array.isArray(value)
    ? parts.map(([, item]) => item)
    : Object.fromEntries(parts.map(([step, content]) => [step.slice(2), content]));
}

function itemsOf(list: readonly unknown[], schema: StructuralSchema): ReadonlyMap<string, Part> | undefined {
  const stepOf = itemSteps(schema);
  if (!stepOf) return undefined;
  return new Map(list.map((value) => [stepOf(value), { value, schema: schema.items ?? UNKNOWN, declared: false }]));
}

function itemSteps(schema: StructuralSchema): ((item: unknown) => string) | undefined {
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return (item) => `v:${JSON.stringify(item)}`;
    case "map": {
      const keys = [...(schema["x-kubernetes-list-map-keys"] ?? [])].sort();
      return (item) => `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, keyValue(item, key, schema)])))}`;
    }
    default:
      return undefined;
  }
}

function keyValue(item: unknown, key: string, { items }: StructuralSchema): unknown {
  return (isRecord(item) ? item[key] : undefined) ?? items?.properties?.[key]?.default;
}

/** The fields by which the items of a list are told apart; they stay as long as the item does. */
export function keySteps({ "x-kubernetes-list-map-keys": keys = [] }: StructuralSchema): readonly string[] {
  return keys.map((key) => `f:${key}`);
}
