import { isJsonList, isJsonObject, type Json, type JsonObject } from "../core/kube/object.ts";
import { err, type FieldError, ok, type Result } from "../core/result.ts";
import { CUSTOM_VERSION_LABEL } from "../core/sidecarSet/annotations.ts";
import { convertSidecarSet, type SidecarSetVersion } from "../core/sidecarSet/convertSidecarSet.ts";

/** A SidecarSet in an API version, and the paths of the fields that this version has no place for. */
export interface Conversion {
  readonly sidecarSet: JsonObject;
  readonly lost: readonly string[];
}

/** {@link convertSidecarSet}, without the status that it gives to an object that had none. */
export function convertAndCompare(raw: JsonObject, to: SidecarSetVersion): Result<Conversion, FieldError[]> {
  const converted = convertSidecarSet(raw, to);
  if (!converted.ok) return err(converted.error);
  const { apiVersion, kind, status, ...rest } = converted.value;
  const sidecarSet = { apiVersion, kind, ...rest, ...(raw.status !== undefined && { status }) };
  return ok({ sidecarSet, lost: missing(raw, sidecarSet, "").filter((field) => !MOVED.has(field)) });
}

/** Where a version keeps these elsewhere. */
const MOVED: ReadonlySet<string> = new Set([
  "spec.namespace",
  "spec.customVersion",
  `metadata.labels[${CUSTOM_VERSION_LABEL}]`,
]);

/** Every version has these, even where a conversion leaves them out because nothing in them is left. */
const PARENTS: ReadonlySet<string> = new Set([
  "metadata.labels",
  "spec",
  "spec.updateStrategy",
  "spec.injectionStrategy",
]);

/** The highest fields of the first that the second does not have; empty ones mean the same as absent. */
function missing(before: Json | undefined, after: Json | undefined, path: string): string[] {
  if (isEmpty(before)) return [];
  if (after === undefined && !PARENTS.has(path)) return [path];
  if (isJsonList(before) && isJsonList(after)) {
    return before.flatMap((item, index) => missing(item, after[index], `${path}[${index}]`));
  }
  if (!isJsonObject(before)) return [];
  const kept = isJsonObject(after) ? after : {};
  return Object.entries(before).flatMap(([key, value]) =>
    missing(value, Object.hasOwn(kept, key) ? kept[key] : undefined, below(path, key)),
  );
}

function isEmpty(value: Json | undefined): boolean {
  if (isJsonList(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

function below(path: string, key: string): string {
  if (!/^\w+$/.test(key)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}
