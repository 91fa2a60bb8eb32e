import { isRecord } from "./apiObject.ts";
import { fieldPath, itemPath, type StructuralSchema, schemaOfField } from "./customResourceSchema.ts";

export interface Pruned {
  readonly value: unknown;
  /** Paths of the fields that went, sorted: `spec.contianers`. */
  readonly unknownFields: readonly string[];
}

const TYPE_AND_METADATA: readonly string[] = ["apiVersion", "kind", "metadata"];

/**
 * Takes away what the schema does not know. `x-kubernetes-preserve-unknown-fields` keeps unknown fields of that place only: fields
 * declared below it are pruned by their own schema again.
 */
export function pruneUnknownFields(value: unknown, schema: StructuralSchema): Pruned {
  const unknownFields: string[] = [];
  const pruned = prune(value, { ...schema, "x-kubernetes-embedded-resource": true }, "", unknownFields);
  return { value: pruned, unknownFields: unknownFields.sort() };
}

function prune(value: unknown, schema: StructuralSchema | undefined, path: string, unknownFields: string[]): unknown {
  if (Array.isArray(value)) {
    const keep = schema?.["x-kubernetes-preserve-unknown-fields"] === true && schema.items === undefined;
    return keep ? value : value.map((item, index) => prune(item, schema?.items, itemPath(path, index), unknownFields));
  }
  if (!isRecord(value)) return value;
  const kept: [string, unknown][] = [];
  for (const [field, content] of Object.entries(value)) {
    const at = fieldPath(path, field);
    const declared = schemaOfField(schema, field);
    if (schema?.["x-kubernetes-embedded-resource"] && TYPE_AND_METADATA.includes(field)) kept.push([field, content]);
    else if (declared) kept.push([field, prune(content, declared, at, unknownFields)]);
    else if (schema?.["x-kubernetes-preserve-unknown-fields"] || schema?.additionalProperties === true)
      kept.push([field, content]);
    else unknownFields.push(at);
  }
  return Object.fromEntries(kept);
}
