import { type ApiObject, isRecord } from "./apiObject.ts";
import { fieldPath, itemPath, type StructuralSchema, schemaOfField } from "./customResourceSchema.ts";
import { builtinSchema } from "./schema/builtinTypes.ts";

export interface Pruned {
  readonly object: ApiObject;
  /** Paths of the fields that went, in the order they were written: `spec.contianers`. */
  readonly unknownFields: readonly string[];
}

const TYPE_AND_METADATA: readonly string[] = ["apiVersion", "kind", "metadata"];
const TYPE: Readonly<Record<string, StructuralSchema>> = { apiVersion: { type: "string" }, kind: { type: "string" } };

/**
 * Takes away what the schema does not know. `x-kubernetes-preserve-unknown-fields` keeps unknown fields of that place only: fields
 * declared below it are pruned by their own schema again.
 */
export function pruneUnknownFields(object: ApiObject, schema: StructuralSchema): Pruned {
  const unknownFields: string[] = [];
  const { "x-kubernetes-embedded-resource": _embedded, ...own } = schema;
  const root = { ...own, properties: { ...own.properties, ...TYPE, metadata: builtinSchema("meta.v1.ObjectMeta")! } };
  return { object: prune(object, root, "", unknownFields) as ApiObject, unknownFields };
}

/** What has nothing to lose is handed back as it is: most of what is sent is. */
function prune(value: unknown, schema: StructuralSchema | undefined, path: string, unknownFields: string[]): unknown {
  if (Array.isArray(value)) {
    const keep = schema?.["x-kubernetes-preserve-unknown-fields"] === true && schema.items === undefined;
    if (keep) return value;
    const items = value.map((item, index) => prune(item, schema?.items, itemPath(path, index), unknownFields));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return isRecord(value) ? pruneRecord(value, schema, path, unknownFields) : value;
}

function pruneRecord(
  value: Record<string, unknown>,
  schema: StructuralSchema | undefined,
  path: string,
  unknownFields: string[],
): Record<string, unknown> {
  const open = schema?.["x-kubernetes-preserve-unknown-fields"] || schema?.additionalProperties === true;
  const changed = new Map<string, unknown>();
  for (const [field, content] of Object.entries(value)) {
    if (schema?.["x-kubernetes-embedded-resource"] && TYPE_AND_METADATA.includes(field)) continue;
    const declared = schemaOfField(schema, field);
    if (declared) {
      const pruned =
        content !== null && typeof content === "object"
          ? prune(content, declared, fieldPath(path, field), unknownFields)
          : content;
      if (pruned !== content) changed.set(field, pruned);
    } else if (!open) {
      unknownFields.push(fieldPath(path, field));
      changed.set(field, undefined);
    }
  }
  if (changed.size === 0) return value;
  const kept = Object.entries(value).filter(([field]) => !changed.has(field) || changed.get(field) !== undefined);
  return Object.fromEntries(kept.map(([field, content]) => [field, changed.get(field) ?? content]));
}
