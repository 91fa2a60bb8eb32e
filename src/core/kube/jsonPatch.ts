import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { jsonText } from "./keptText.ts";
import type { Json, JsonObject } from "./object.ts";
import { isJsonList } from "./object.ts";

/** RFC 6902. Paths are JSON pointers; build them with {@link jsonPointer}. */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };
export type JsonPatch = readonly JsonPatchOperation[];

/** The patch as it is sent. Operations, values and members of values may be {@link keepText kept}. */
export function jsonPatchText(patch: JsonPatch): string {
  return jsonText(patch as readonly Json[], KEPT_WITHIN);
}

/** The list, an operation, its value. */
const KEPT_WITHIN = 3;

/** RFC 6901: `jsonPointer("metadata", "annotations", "a/b")` → `/metadata/annotations/a~1b`. */
export function jsonPointer(...segments: readonly (string | number)[]): string {
  let pointer = "";
  for (const segment of segments) pointer += typeof segment === "number" ? `/${segment}` : `/${escaped(segment)}`;
  return pointer;
}

function escaped(segment: string): string {
  const withoutTildes = segment.includes("~") ? segment.replaceAll("~", "~0") : segment;
  return withoutTildes.includes("/") ? withoutTildes.replaceAll("/", "~1") : withoutTildes;
}

/**
 * Where an API server is laxer than RFC 6902: a key that an object lacks reads as null, so that `replace` adds it and `test` finds null.
 */
export type JsonPatchDialect = "rfc6902" | "apiServer";

/**
 * All operations in order, or none: the document given is never changed, and unchanged parts are shared with the result.
 * @returns the new document, or which operation failed and why
 */
export function applyJsonPatch(
  document: Json,
  operations: JsonPatch,
  dialect: JsonPatchDialect = "rfc6902",
): Result<Json, string> {
  let current = document;
  for (const [index, operation] of operations.entries()) {
    const next = applyOperation(current, operation, dialect);
    if (!next.ok) return err(`operation ${index} (${operation.op} ${JSON.stringify(operation.path)}): ${next.error}`);
    current = next.value;
  }
  return ok(current);
}

/** Equality of JSON values as `test` means it: numbers by value, objects regardless of the order of their keys. */
export function jsonEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return false;
  if (isJsonList(left) || isJsonList(right)) {
    if (!isJsonList(left) || !isJsonList(right) || left.length !== right.length) return false;
    return left.every((item, index) => jsonEqual(item, right[index]));
  }
  const keys = presentKeys(left);
  return (
    keys.length === presentKeys(right).length &&
    keys.every((key) => has(right, key) && jsonEqual(left[key], right[key]))
  );
}

function applyOperation(
  document: Json,
  operation: JsonPatchOperation,
  dialect: JsonPatchDialect,
): Result<Json, string> {
  const path = parsePointer(operation.path);
  if (!path.ok) return path;
  if (dialect === "apiServer" && lacksKey(document, path.value)) {
    if (operation.op === "replace") return applyOperation(document, { ...operation, op: "add" }, "rfc6902");
    if (operation.op === "test" && operation.value === null) return ok(document);
  }
  switch (operation.op) {
    case "add":
      return operation.value === undefined ? err(MISSING_VALUE) : add(document, path.value, operation.value);
    case "replace":
      return operation.value === undefined ? err(MISSING_VALUE) : replace(document, path.value, operation.value);
    case "remove":
      return remove(document, path.value);
    case "test":
      return operation.value === undefined ? err(MISSING_VALUE) : test(document, path.value, operation.value);
    case "move":
    case "copy":
      return transfer(document, operation, path.value);
    default:
      return err("unknown operation");
  }
}

const MISSING_VALUE = "the operation needs a value";
const NO_TARGET = "the path does not exist in the document";

function transfer(
  document: Json,
  operation: Extract<JsonPatchOperation, { from: string }>,
  path: readonly string[],
): Result<Json, string> {
  if (typeof operation.from !== "string") return err("the operation needs a from");
  const from = parsePointer(operation.from);
  if (!from.ok) return from;
  const value = read(document, from.value);
  if (value === undefined) return err(`nothing at ${JSON.stringify(operation.from)}`);
  if (operation.op === "copy") return add(document, path, value);
  if (operation.path.startsWith(`${operation.from}/`)) return err("a value cannot be moved into itself");
  if (operation.path === operation.from) return ok(document);
  const removed = remove(document, from.value);
  return removed.ok ? add(removed.value, path, value) : removed;
}

function add(document: Json, path: readonly string[], value: Json): Result<Json, string> {
  return atParent(document, path, value, (parent, key) => {
    if (!isJsonList(parent)) return ok(withMember(parent, key, value));
    const index = key === "-" ? parent.length : listIndex(key, parent.length);
    return index === undefined
      ? err(`"${key}" is no place in a list of ${parent.length}`)
      : ok(parent.toSpliced(index, 0, value));
  });
}

function replace(document: Json, path: readonly string[], value: Json): Result<Json, string> {
  return atParent(document, path, value, (parent, key) => {
    if (!isJsonList(parent)) return has(parent, key) ? ok(withMember(parent, key, value)) : err(NO_TARGET);
    const index = listIndex(key, parent.length - 1);
    return index === undefined ? err(NO_TARGET) : ok(parent.with(index, value));
  });
}

function remove(document: Json, path: readonly string[]): Result<Json, string> {
  if (path.length === 0) return err("the whole document cannot be removed");
  return atParent(document, path, null, (parent, key) => {
    if (!isJsonList(parent)) return has(parent, key) ? ok(withoutMember(parent, key)) : err(NO_TARGET);
    const index = listIndex(key, parent.length - 1);
    return index === undefined ? err(NO_TARGET) : ok(parent.toSpliced(index, 1));
  });
}

function test(document: Json, path: readonly string[], value: Json): Result<Json, string> {
  const found = read(document, path);
  if (found === undefined) return err(NO_TARGET);
  return jsonEqual(found, value) ? ok(document) : err("the value in the document is another one");
}

type Container = readonly Json[] | JsonObject;

/** Rebuilds the spine from the root to the parent of `path`; an empty path puts `whole` in place of the document. */
function atParent(
  document: Json,
  path: readonly string[],
  whole: Json,
  change: (parent: Container, key: string) => Result<Json, string>,
): Result<Json, string> {
  if (path.length === 0) return ok(whole);
  if (document === null || typeof document !== "object") return err(NO_TARGET);
  const [key, ...rest] = path as readonly [string, ...string[]];
  if (rest.length === 0) return change(document, key);
  const child = member(document, key);
  if (child === undefined) return err(NO_TARGET);
  const changed = atParent(child, rest, whole, change);
  if (!changed.ok || changed.value === child) return changed.ok ? ok(document) : changed;
  return ok(
    isJsonList(document) ? document.with(Number(key), changed.value) : withMember(document, key, changed.value),
  );
}

function read(document: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = document;
  for (const key of path) {
    if (current === null || typeof current !== "object") return undefined;
    current = member(current, key);
    if (current === undefined) return undefined;
  }
  return current;
}

function lacksKey(document: Json, path: readonly string[]): boolean {
  const parent = read(document, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined || parent === null || typeof parent !== "object") return false;
  return !isJsonList(parent) && !has(parent, key);
}

function member(container: Container, key: string): Json | undefined {
  if (!isJsonList(container)) return has(container, key) ? container[key] : undefined;
  const index = listIndex(key, container.length - 1);
  return index === undefined ? undefined : container[index];
}

function listIndex(key: string, largest: number): number | undefined {
  if (!/^(0|[1-9][0-9]*)$/.test(key)) return undefined;
  const index = Number(key);
  return index <= largest ? index : undefined;
}

function parsePointer(pointer: unknown): Result<readonly string[], string> {
  if (typeof pointer !== "string") return err("the operation needs a path");
  if (pointer === "") return ok([]);
  if (!pointer.startsWith("/")) return err('a path starts with "/"');
  if (/~(?![01])/.test(pointer)) return err('"~" in a path is written "~0"');
  const segments = pointer.slice(1).split("/");
  return ok(segments.map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~")));
}

/** Object spread would treat a key `__proto__` as a setter only in literals; fromEntries defines it as data. */
function withMember(object: JsonObject, key: string, value: Json): JsonObject {
  return key === "__proto__"
    ? Object.fromEntries([...Object.entries(object), [key, value]])
    : { ...object, [key]: value };
}

function withoutMember(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function has(object: JsonObject, key: string): boolean {
  return Object.hasOwn(object, key) && object[key] !== undefined;
}

function presentKeys(object: JsonObject): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}
