import type { FieldError } from "../result.ts";
import { compareUtf8 } from "./goJson.ts";
import type { Json, JsonObject } from "./object.ts";
import { isJsonList, isJsonObject } from "./object.ts";
import { formatQuantity, parseQuantity } from "./quantity.ts";

/**
 * The shape of an API type as data. One table serves three purposes: it says what is wrong with an object that a person wrote
 * ({@link shapeErrors}), it gives the form in which the Go types write it ({@link typedForm}), and it is readable.
 */
export type Shape =
  | { readonly kind: "string" | "boolean" | "int32" | "int64" | "quantity" | "intOrString" | "time" | "any" }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape; readonly of: string }
  | { readonly kind: "object"; readonly fields: readonly Field[] };

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /**
   * When the field is written. `always`: also as "", 0, false, {} or, for an absent list, null. `nonEmpty`: not as any of these.
   * `present`: whenever the object has it, `false` and `{}` too. `nullable`: always, as null when absent.
   */
  readonly written: "always" | "nonEmpty" | "present" | "nullable";
}

export const STRING: Shape = { kind: "string" };
export const BOOLEAN: Shape = { kind: "boolean" };
export const INT32: Shape = { kind: "int32" };
export const INT64: Shape = { kind: "int64" };
export const QUANTITY: Shape = { kind: "quantity" };
export const INT_OR_STRING: Shape = { kind: "intOrString" };
export const TIME: Shape = { kind: "time" };
export const ANY: Shape = { kind: "any" };

export const listOf = (item: Shape): Shape => ({ kind: "list", item });
/** @param of what the keys and values are, in words for a person: "label keys to values" */
export const mapOf = (value: Shape, of: string): Shape => ({ kind: "map", value, of });
export const objectOf = (...fields: readonly Field[]): Shape => ({ kind: "object", fields });

export const always = (name: string, shape: Shape): Field => ({ name, shape, written: "always" });
export const nonEmpty = (name: string, shape: Shape): Field => ({ name, shape, written: "nonEmpty" });
export const present = (name: string, shape: Shape): Field => ({ name, shape, written: "present" });
export const nullable = (name: string, shape: Shape): Field => ({ name, shape, written: "nullable" });

/**
 * The value as the Go type writes it: known fields only, in the order of the table, quantities canonical, maps sorted.
 * Expects a value without {@link shapeErrors}.
 */
export function typedForm(value: Json | undefined, shape: Shape): Json {
  switch (shape.kind) {
    case "string":
      return value ?? "";
    case "boolean":
      return value ?? false;
    case "int32":
    case "int64":
    case "intOrString":
      return value ?? 0;
    case "quantity":
      return canonicalQuantity(value);
    case "time":
    case "any":
      return value ?? null;
    case "list":
      return isJsonList(value) ? value.map((item) => typedForm(item, shape.item)) : null;
    case "map":
      return isJsonObject(value) ? typedMap(value, shape.value) : null;
    case "object":
      return typedObject(isJsonObject(value) ? value : {}, shape.fields);
  }
}

function typedObject(object: JsonObject, fields: readonly Field[]): JsonObject {
  const members = fields.flatMap(({ name, shape, written }): [string, Json][] => {
    const value = memberOf(object, name);
    if (value === undefined && (written === "present" || written === "nonEmpty")) return [];
    if (value === undefined && written === "nullable") return [[name, null]];
    const typed = typedForm(value, shape);
    return written === "nonEmpty" && isEmpty(typed) ? [] : [[name, typed]];
  });
  return Object.fromEntries(members);
}

function typedMap(object: JsonObject, value: Shape): JsonObject {
  const members = Object.entries(object)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => compareUtf8(left, right));
  return Object.fromEntries(members.map(([key, member]) => [key, typedForm(member, value)]));
}

function canonicalQuantity(value: Json | undefined): Json {
  if (typeof value !== "string" && typeof value !== "number") return "0";
  const quantity = parseQuantity(value);
  return quantity.ok ? formatQuantity(quantity.value) : value;
}

function isEmpty(value: Json): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  if (isJsonList(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/**
 * Every place where the value has another JSON type than the table, with what is expected there. Unknown fields are fine. JSON null
 * is fine for every field; as an item of a list or a map only for those who read it through {@link withoutNulls}.
 */
export function shapeErrors(
  value: Json | undefined,
  shape: Shape,
  path: string,
  nullItems: NullItems = "allowed",
): FieldError[] {
  const errors: FieldError[] = [];
  if (!fits(value, shape, nullItems)) check(value, shape, path, { errors, nullItems });
  return errors;
}

export type NullItems = "allowed" | "refused";

/**
 * Whether there is nothing to complain about, found without putting a path together: nearly every pod that is admitted is well-formed.
 * It may say no without need (to what an object inherits), never yes.
 */
function fits(value: Json | undefined, shape: Shape, nullItems: NullItems): boolean {
  if (value === undefined || value === null) return true;
  switch (shape.kind) {
    case "any":
      return true;
    case "list":
      if (!isJsonList(value)) return false;
      for (let index = 0; index < value.length; index += 1) {
        if (!fitsItem(value[index], shape.item, nullItems)) return false;
      }
      return true;
    case "map":
      return isJsonObject(value) && (shape.value.kind === "any" || fitsMap(value, shape.value, nullItems));
    case "object":
      return isJsonObject(value) && fitsObject(value, shape.fields, nullItems);
    case "string":
      return typeof value === "string";
    default:
      return scalarErrors(value, shape.kind, "").length === 0;
  }
}

/** Texts are most of what a pod has, so they are looked at without one more call. */
function fitsMap(map: JsonObject, shape: Shape, nullItems: NullItems): boolean {
  const ofTexts = shape.kind === "string";
  for (const key in map) {
    const item = map[key];
    if (!(ofTexts && typeof item === "string") && !fitsItem(item, shape, nullItems)) return false;
  }
  return true;
}

function fitsObject(object: JsonObject, fields: readonly Field[], nullItems: NullItems): boolean {
  for (let index = 0; index < fields.length; index += 1) {
    const { name, shape } = fields[index]!;
    const member = object[name];
    if (member === undefined || (shape.kind === "string" && typeof member === "string")) continue;
    if (!fits(member, shape, nullItems)) return false;
  }
  return true;
}

function fitsItem(item: Json | undefined, shape: Shape, nullItems: NullItems): boolean {
  return item === null ? shape.kind === "any" || nullItems === "allowed" : fits(item, shape, nullItems);
}

interface Checking {
  /** Every pod that is admitted comes through here, so all that is found goes into one list. */
  readonly errors: FieldError[];
  readonly nullItems: NullItems;
}

function check(value: Json | undefined, shape: Shape, path: string, checking: Checking): void {
  const { errors } = checking;
  if (value === undefined || value === null) return;
  switch (shape.kind) {
    case "any":
      return;
    case "list":
      if (!isJsonList(value)) errors.push(wrongType(path, value, "a list"));
      else for (const [index, item] of value.entries()) checkItem(item, shape.item, `${path}[${index}]`, checking);
      return;
    case "map":
      if (!isJsonObject(value)) errors.push(wrongType(path, value, `a map of ${shape.of}`));
      else for (const key of Object.keys(value)) checkItem(value[key], shape.value, `${path}[${key}]`, checking);
      return;
    case "object":
      if (!isJsonObject(value)) errors.push(wrongType(path, value, "an object"));
      else
        for (const field of shape.fields) check(memberOf(value, field.name), field.shape, below(path, field), checking);
      return;
    default:
      errors.push(...scalarErrors(value, shape.kind, path));
  }
}

function checkItem(item: Json | undefined, shape: Shape, path: string, checking: Checking): void {
  if (item === null && shape.kind !== "any" && checking.nullItems === "refused") {
    checking.errors.push({ field: path, type: "FieldValueRequired", detail: "a value is expected, but this is null" });
  } else check(item, shape, path, checking);
}

function below(path: string, { name }: Field): string {
  return path === "" ? name : `${path}.${name}`;
}

type Scalar = Exclude<Shape["kind"], "any" | "list" | "map" | "object">;

function scalarErrors(value: Json, kind: Scalar, path: string): FieldError[] {
  if (kind === "quantity" && (typeof value === "string" || typeof value === "number")) {
    const quantity = parseQuantity(value);
    return quantity.ok ? [] : [{ field: path, type: "FieldValueInvalid", detail: quantity.error, value }];
  }
  const { fits, expected } = SCALARS[kind];
  return fits(value) ? [] : [wrongType(path, value, expected)];
}

const SCALARS: Readonly<Record<Scalar, { readonly fits: (value: Json) => boolean; readonly expected: string }>> = {
  string: { fits: (value) => typeof value === "string", expected: "a text" },
  boolean: { fits: (value) => typeof value === "boolean", expected: "true or false" },
  int32: { fits: (value) => isInteger(value, 2 ** 31), expected: "a whole number of 32 bits" },
  int64: { fits: (value) => isInteger(value, 2 ** 63), expected: "a whole number" },
  quantity: { fits: () => false, expected: "a quantity such as 500m or 2Gi" },
  intOrString: {
    fits: (value) => typeof value === "string" || isInteger(value, 2 ** 31),
    expected: "a whole number or a text",
  },
  time: {
    fits: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
    expected: "a time such as 2026-07-01T00:00:00Z",
  },
};

function isInteger(value: Json, bound: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= -bound && value < bound;
}

function wrongType(field: string, value: Json, expected: string): FieldError {
  const hint = hintFor(value, expected);
  return {
    field,
    type: "FieldValueTypeInvalid",
    detail: `${expected} is expected, but this is ${nameOf(value)}${hint === undefined ? "" : `; ${hint}`}`,
    value,
  };
}

/** The usual slips of YAML. */
function hintFor(value: Json, expected: string): string | undefined {
  if (expected.startsWith("a map") && isJsonList(value)) return 'write the entries without the leading "-"';
  if (expected === "a list" && isJsonObject(value)) return 'write each entry with a leading "-"';
  if (expected === "a text" && (typeof value === "boolean" || typeof value === "number")) {
    return `put it in quotes: "${value}"`;
  }
  return undefined;
}

function nameOf(value: Json): string {
  if (isJsonList(value)) return "a list";
  if (isJsonObject(value)) return "a map";
  return typeof value === "string" ? `the text ${JSON.stringify(value)}` : `${value}`;
}

/** JSON null is as good as absent, as for Go's decoder. */
function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/**
 * The value without its JSON nulls: a field that is null is absent, an item of a list or a map is its type's empty value, as for Go's
 * decoder, and so is an absent text that types always write, such as a name. Unknown fields stay. Expects a value without {@link shapeErrors}.
 */
export function withoutNulls(value: Json, shape: Shape): Json {
  if (shape.kind === "list" && isJsonList(value)) return value.map((item) => presentItem(item, shape.item));
  if (shape.kind === "map" && isJsonObject(value)) return mapMembers(value, (item) => presentItem(item, shape.value));
  if (shape.kind !== "object" || !isJsonObject(value)) return value;
  const shapes = new Map(shape.fields.map((field) => [field.name, field.shape]));
  const kept = Object.entries(value).filter(([name, member]) => member !== null || !shapes.has(name));
  return mapMembers(Object.fromEntries([...kept, ...missingTexts(value, shape.fields)]), (member, name) =>
    withoutNulls(member, shapes.get(name) ?? ANY),
  );
}

/** But for a `value`: whether it is there may matter. */
function missingTexts(object: JsonObject, fields: readonly Field[]): readonly (readonly [string, Json])[] {
  return fields.flatMap(({ name, shape, written }) =>
    written === "always" && shape.kind === "string" && name !== "value" && memberOf(object, name) === undefined
      ? [[name, ""] as const]
      : [],
  );
}

function presentItem(item: Json, shape: Shape): Json {
  return withoutNulls(item === null && shape.kind !== "any" ? EMPTY_VALUES[shape.kind] : item, shape);
}

const EMPTY_VALUES: Readonly<Record<Exclude<Shape["kind"], "any">, Json>> = {
  string: "",
  boolean: false,
  int32: 0,
  int64: 0,
  intOrString: 0,
  quantity: "0",
  time: null,
  list: [],
  map: {},
  object: {},
};

function mapMembers(object: JsonObject, change: (member: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => [name, member === undefined ? member : change(member, name)]),
  );
}

/** A {@link typedForm} without the empty objects and null times that it has only because Go structs always have them. */
export function withoutUnset(typed: Json, shape: Shape): Json {
  if (shape.kind === "list" && isJsonList(typed)) return typed.map((item) => withoutUnset(item, shape.item));
  if (shape.kind !== "object" || !isJsonObject(typed)) return typed;
  const members = shape.fields.flatMap(({ name, shape: member, written }): [string, Json][] => {
    const value = typed[name];
    if (value === undefined) return [];
    const kept = withoutUnset(value, member);
    const isUnset =
      written === "always" && (member.kind === "object" ? isEmpty(kept) : member.kind === "time" && kept === null);
    return isUnset ? [] : [[name, kept]];
  });
  return Object.fromEntries(members);
}
