import { OBJECT_META } from "../core/kube/metadataShape.ts";
import { type ControllerRevision, isJsonObject } from "../core/kube/object.ts";
import { always, INT64, objectOf, shapeErrors } from "../core/kube/shape.ts";
import { err, type FieldError, ok, type Result } from "../core/result.ts";
import type { SidecarSetManifest } from "../core/sidecarSet/generated/sidecarSetManifest.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";

/**
 * A SidecarSet of either API version as it stands in a file or in the API, read whatever its type says; or one that `parseSidecarSet`
 * has read, which saves reading it for every call.
 */
export type SidecarSetInput = SidecarSet | SidecarSetManifest | object;

export function readSidecarSet(given: unknown): Result<SidecarSet, readonly FieldError[]> {
  return isRead(given) ? ok(given) : parseSidecarSet(given);
}

/** Of a whole list; an error's field starts with the place in the list, such as `existing[2].spec.containers`. */
export function readSidecarSets(
  given: readonly unknown[],
  list: string,
): Result<readonly SidecarSet[], readonly FieldError[]> {
  if (!Array.isArray(given)) return err(noList(list, given));
  const sets = given.map(readSidecarSet);
  const errors = sets.flatMap((set, index) => (set.ok ? [] : below(`${list}[${index}]`, set.error)));
  return errors.length > 0 ? err(errors) : ok(sets.flatMap((set) => (set.ok ? [set.value] : [])));
}

const REVISION = objectOf(always("metadata", OBJECT_META), always("revision", INT64));

export function readRevisions(
  given: readonly unknown[],
  list: string,
): Result<readonly ControllerRevision[], readonly FieldError[]> {
  if (!Array.isArray(given)) return err(noList(list, given));
  const errors = given.flatMap((revision, index) => revisionErrors(revision, `${list}[${index}]`));
  return errors.length > 0 ? err(errors) : ok(given as readonly ControllerRevision[]);
}

export function below(path: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => ({ ...error, field: error.field === "" ? path : `${path}.${error.field}` }));
}

/** Code without types may give one object where several are expected. */
function noList(field: string, value: unknown): FieldError[] {
  return [{ field, type: "FieldValueTypeInvalid", detail: "a list is expected", value }];
}

function revisionErrors(given: unknown, path: string): FieldError[] {
  if (isJsonObject(given) && isJsonObject(given.metadata)) return shapeErrors(given, REVISION, path);
  return [{ field: path, type: "FieldValueTypeInvalid", detail: "a ControllerRevision object is expected" }];
}

/** No manifest has its resource version beside its metadata. */
function isRead(given: unknown): given is SidecarSet {
  return isJsonObject(given) && typeof given.resourceVersion === "string" && given.metadata === undefined;
}
