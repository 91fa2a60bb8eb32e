import { memberPath } from "../kube/fieldPath.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { unknownFields } from "../kube/unknownFields.ts";
import { err, type FieldError, ok, type Result } from "../result.ts";
import { CUSTOM_VERSION_LABEL } from "../sidecarSet/annotations.ts";
import { convertSidecarSet, type SidecarSetVersion } from "../sidecarSet/convertSidecarSet.ts";
import { EITHER_VERSION } from "../sidecarSet/sidecarSetShape.ts";

/** A SidecarSet in OpenKruise's form of an API version, and the fields that this form has no place for. */
export interface Conversion {
  readonly sidecarSet: JsonObject;
  readonly lost: readonly LostField[];
}

export interface LostField {
  readonly field: string;
  readonly why: string;
}

/** {@link convertSidecarSet}, without the status that it gives to an object that had none. */
export function convertAndCompare(raw: JsonObject, to: SidecarSetVersion): Result<Conversion, FieldError[]> {
  const converted = convertSidecarSet(raw, to);
  if (!converted.ok) return err(converted.error);
  const { apiVersion, kind, status, ...rest } = converted.value;
  const sidecarSet = { apiVersion, kind, ...rest, ...(raw.status !== undefined && { status }) };
  const lost = missing(raw, sidecarSet, "").filter((field) => !MOVED.has(field));
  const unknown = new Set(unknownFields(raw, EITHER_VERSION).map(({ field }) => field));
  return ok({ sidecarSet, lost: lost.map((field) => ({ field, why: reasonFor(field, unknown, to) })) });
}

function reasonFor(field: string, unknown: ReadonlySet<string>, to: SidecarSetVersion): string {
  if (unknown.has(field)) return `${to} has no such field`;
  return field.startsWith("spec.namespaceSelector") ? "the namespace beside it wins" : "OpenKruise has no such field";
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
    missing(value, Object.hasOwn(kept, key) ? kept[key] : undefined, memberPath(path, key)),
  );
}

function isEmpty(value: Json | undefined): boolean {
  if (isJsonList(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}
