import type { FieldError } from "../core/result.ts";
import { isRecord, sameJson } from "./apiObject.ts";
import { listErrors } from "./customResourceLists.ts";
import { fieldPath, itemPath, type StructuralSchema } from "./customResourceSchema.ts";

/**
 * What is wrong with a value, in the words of a real API server. What an update leaves as it was is not judged again, so that a
 * schema can become stricter while objects exist.
 * @param old the stored value at the same place, when this is an update
 */
export function schemaErrors(value: unknown, schema: StructuralSchema, path = "", old?: unknown): FieldError[] {
  if (old !== undefined && sameJson(value, old)) return [];
  if (value === null) return schema.nullable || expectedType(schema) === "" ? [] : [wrongType(path, schema, "null")];
  return [
    ...typeErrors(value, schema, path),
    ...combinationErrors(value, schema, path),
    ...scalarErrors(value, schema, path),
    ...(Array.isArray(value) ? arrayErrors(value, schema, path) : []),
    ...enumErrors(value, schema, path),
    ...(isRecord(value) ? objectErrors(value, schema, path, isRecord(old) ? old : undefined) : []),
  ];
}

function typeErrors(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  const actual = typeOf(value);
  const expected = expectedType(schema);
  if (expected === "" || expected.split(",").includes(actual)) return [];
  if (expected === "number" && actual === "integer") return [];
  return [wrongType(path, schema, actual)];
}

function wrongType(path: string, schema: StructuralSchema, actual: string): FieldError {
  const detail = `${inBody(path)} must be of type ${expectedType(schema)}: ${JSON.stringify(actual)}`;
  return { field: at(path), type: "FieldValueTypeInvalid", detail, value: actual };
}

function expectedType(schema: StructuralSchema): string {
  return schema["x-kubernetes-int-or-string"] ? "integer,string" : (schema.type ?? "");
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function combinationErrors(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const valid = (one: StructuralSchema): boolean => schemaErrors(value, one, path).length === 0;
  const refuse = (what: string): void => {
    errors.push({
      field: "<nil>",
      type: "FieldValueInvalid",
      detail: `${JSON.stringify(path)} must ${what}`,
      value: "",
    });
  };
  if (schema.anyOf && !schema.anyOf.some(valid)) {
    refuse("validate at least one schema (anyOf)");
    errors.push(...schemaErrors(value, schema.anyOf[0]!, path));
  }
  if (schema.oneOf && schema.oneOf.filter(valid).length !== 1) refuse("validate one and only one schema (oneOf)");
  if (schema.allOf && !schema.allOf.every(valid)) refuse("validate all the schemas (allOf)");
  if (schema.not && valid(schema.not)) refuse("not validate the schema (not)");
  return errors;
}

function scalarErrors(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  if (typeof value === "string") return stringErrors(value, schema, path);
  return typeof value === "number" ? numberErrors(value, schema, path) : [];
}

function stringErrors(value: string, schema: StructuralSchema, path: string): FieldError[] {
  const length = [...value].length;
  const errors: FieldError[] = [];
  if (schema.maxLength !== undefined && length > schema.maxLength)
    errors.push({ field: at(path), type: "FieldValueTooLong", detail: atMost(schema.maxLength, "byte"), value });
  if (schema.minLength !== undefined && length < schema.minLength)
    errors.push(outOfBounds(path, value, `should be at least ${schema.minLength} chars long`));
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value))
    errors.push(outOfBounds(path, value, `should match '${schema.pattern}'`));
  if (schema.format === "date-time" && Number.isNaN(Date.parse(value)))
    errors.push(outOfBounds(path, value, `must be of type date-time: ${JSON.stringify(value)}`));
  return errors;
}

function atMost(limit: number, unit: string): string {
  return `may not be more than ${limit} ${unit}${limit === 1 ? "" : "s"}`;
}

function numberErrors(value: number, schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minimum, maximum, multipleOf } = schema;
  if (schema.format === "int32" && (value > 2147483647 || value < -2147483648)) {
    const detail = `Checked value must be of type integer with format int32 in ${path}`;
    errors.push({ field: "<nil>", type: "FieldValueInvalid", detail, value: "" });
  }
  if (multipleOf !== undefined && value % multipleOf !== 0)
    errors.push(outOfBounds(path, value, `should be a multiple of ${multipleOf}`));
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum))
    errors.push(
      outOfBounds(path, value, `should be less than ${schema.exclusiveMaximum ? "" : "or equal to "}${maximum}`),
    );
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const bound = `should be greater than ${schema.exclusiveMinimum ? "" : "or equal to "}${minimum}`;
    errors.push(outOfBounds(path, value, bound));
  }
  return errors;
}

function outOfBounds(path: string, value: unknown, what: string): FieldError {
  return { field: at(path), type: "FieldValueInvalid", detail: `${inBody(path)} ${what}`, value };
}

function enumErrors(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  if (schema.enum === undefined || schema.enum.some((allowed) => sameJson(allowed, value))) return [];
  const supported = schema.enum.map((one) => JSON.stringify(typeof one === "string" ? one : JSON.stringify(one)));
  const detail = `supported values: ${supported.join(", ")}`;
  return [{ field: at(path), type: "FieldValueNotSupported", detail, value }];
}

function arrayErrors(value: readonly unknown[], schema: StructuralSchema, path: string): FieldError[] {
  const { items } = schema;
  return [
    ...listErrors(value, schema, path),
    ...(items ? value.flatMap((item, index) => schemaErrors(item, items, itemPath(path, index))) : []),
  ];
}

function objectErrors(
  value: Readonly<Record<string, unknown>>,
  schema: StructuralSchema,
  path: string,
  old: Readonly<Record<string, unknown>> | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const count = Object.keys(value).length;
  if (schema.minProperties !== undefined && count < schema.minProperties)
    errors.push(outOfBounds(path, count, `should have at least ${schema.minProperties} properties`));
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    const detail = `must have at most ${schema.maxProperties} item${schema.maxProperties === 1 ? "" : "s"}`;
    errors.push({ field: at(path), type: "FieldValueTooMany", detail, value: count });
  }
  for (const [field, content] of Object.entries(value)) {
    const declared = declaredField(schema, field);
    if (declared) errors.push(...schemaErrors(content, declared, fieldPath(path, field), old?.[field]));
  }
  for (const field of schema.required ?? [])
    if (!Object.hasOwn(value, field))
      errors.push({ field: fieldPath(path, field), type: "FieldValueRequired", detail: "" });
  return errors;
}

function declaredField(schema: StructuralSchema, field: string): StructuralSchema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, field)) return schema.properties[field];
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

function at(path: string): string {
  return path === "" ? "<nil>" : path;
}

function inBody(path: string): string {
  return `${path} in body`;
}
