import { type ApiObject, isRecord } from "./apiObject.ts";
import { fieldPath, itemPath, type StructuralSchema, schemaOfField } from "./customResourceSchema.ts";
import { builtinSchema } from "./schema/builtinTypes.ts";

export interface Pruned {
  readonly object: ApiObject;
  /** Paths of the fields that went, in the order they were written: `spec.contianers`. */
  readonly unknownFields: readonly string[];
}

const TYPE_AND_METADATA: readonly string[] = ["apiVersion", "kind", "metadata"];

/**
 * Takes away what the schema does not know. `x-kubernetes-preserve-unknown-fields` keeps unknown fields of that place only: fields
 * declared below it are pruned by their own schema again.
 */
export function pruneUnknownFields(object: ApiObject, schema: StructuralSchema): Pruned {
  const unknownFields: string[] = [];
  const root = { ...schema, "x-kubernetes-embedded-resource": true };
  const kept = Object.entries(object).map(([field, content]) =>
    field === "metadata"
      ? { metadata: prune(content, builtinSchema("meta.v1.ObjectMeta"), field, unknownFields) }
      : prune({ [field]: content }, root, "", unknownFields),
  );
  return { object: Object.assign({}, ...kept) as ApiObject, unknownFields };
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
