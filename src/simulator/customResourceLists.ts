import type { FieldError } from "../core/result.ts";
import { isRecord } from "./apiObject.ts";
import { itemPath, type StructuralSchema } from "./customResourceSchema.ts";

/** What is wrong with a list as a whole: its length, and keys or members that occur twice. */
export function listErrors(items: readonly unknown[], schema: StructuralSchema, path: string): FieldError[] {
  return [...lengthErrors(items.length, schema, path), ...uniquenessErrors(items, schema, path)];
}

function lengthErrors(length: number, schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && length < minItems) {
    const detail = `${path} in body should have at least ${minItems} items`;
    errors.push({ field: path, type: "FieldValueInvalid", detail, value: length });
  }
  if (maxItems !== undefined && length > maxItems) {
    const detail = `must have at most ${maxItems} item${maxItems === 1 ? "" : "s"}`;
    errors.push({ field: path, type: "FieldValueTooMany", detail, value: length });
  }
  return errors;
}

function uniquenessErrors(items: readonly unknown[], schema: StructuralSchema, path: string): FieldError[] {
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return duplicates(items, path, (item) => item);
    case "map":
      return mapErrors(items, schema, path);
    default:
      return [];
  }
}

function mapErrors(items: readonly unknown[], schema: StructuralSchema, path: string): FieldError[] {
  const stranger = items.findIndex((item) => item !== null && !isRecord(item));
  if (stranger >= 0) {
    const detail = "must be an object for an array of list-type map";
    return [{ field: itemPath(path, stranger), type: "FieldValueInvalid", detail, value: items[stranger] }];
  }
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  return duplicates(items, path, (item) =>
    Object.fromEntries(keys.map((key) => [key, (isRecord(item) && item[key]) || undefined])),
  );
}

function duplicates(items: readonly unknown[], path: string, keyOf: (item: unknown) => unknown): FieldError[] {
  const times = new Map<string, number>();
  return items.flatMap((item, index): FieldError[] => {
    const key = keyOf(item);
    const text = JSON.stringify(key);
    times.set(text, (times.get(text) ?? 0) + 1);
    // One finding for each member that occurs more than once, at its second place.
    if (times.get(text) !== 2) return [];
    return [{ field: itemPath(path, index), type: "FieldValueDuplicate", detail: "", value: key }];
  });
}
