import { cloneJson, isRecord } from "./apiObject.ts";
import { type StructuralSchema, schemaOfField } from "./customResourceSchema.ts";

/**
 * Fills in the schema's defaults. A `null` where the schema does not allow one counts as absent: it becomes the default, or goes.
 * Defaults reach only into objects that are there: a default below an absent object has no effect.
 */
export function applyDefaults(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => applyDefaults(orDefault(item, schema.items), schema.items));
  if (!isRecord(value)) return value;
  const filled: [string, unknown][] = [];
  for (const [field, content] of Object.entries(value)) {
    const declared = schemaOfField(schema, field);
    const present = orDefault(content, declared);
    const goes = present === null && declared !== undefined && !declared.nullable;
    if (!goes) filled.push([field, applyDefaults(present, declared)]);
  }
  for (const [field, declared] of Object.entries(schema.properties ?? {})) {
    if (declared.default === undefined || Object.hasOwn(value, field)) continue;
    filled.push([field, applyDefaults(cloneJson(declared.default), declared)]);
  }
  return Object.fromEntries(filled);
}

function orDefault(value: unknown, schema: StructuralSchema | undefined): unknown {
  return value === null && schema?.default !== undefined && !schema.nullable ? cloneJson(schema.default) : value;
}
