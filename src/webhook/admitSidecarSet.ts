import type { GatheredValidation } from "../cluster/gatherValidation.ts";
import { type JsonPatchOperation, jsonPointer } from "../core/kube/jsonPatch.ts";
import { isJsonList, isJsonObject, type JsonObject } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";
import {
  GROUP,
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  SIDECAR_SET_KIND,
} from "../core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../core/sidecarSet/hash.ts";
import { lintSidecarSet } from "../core/sidecarSet/lint/lintSidecarSet.ts";
import { warningTexts } from "../core/sidecarSet/lint/warningTexts.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import { validateSidecarSet } from "../core/sidecarSet/validateSidecarSet.ts";
import { type AdmissionAnswer, type AdmissionRequest, UNCHANGED } from "./admissionReview.ts";
import { compileGoPattern } from "./goPattern.ts";
import { invalidStatus } from "./invalidStatus.ts";

/**
 * Writes the two hashes, by which pods are compared, and nothing else: neither defaults nor another form of what the user wrote.
 * Both API versions are patched as they came.
 */
export function mutateSidecarSet(request: AdmissionRequest): AdmissionAnswer {
  const { object } = request;
  if (object === undefined || isLeaving(object)) return UNCHANGED;
  const set = parseSidecarSet(object);
  if (!set.ok) return refused(request, set.error);
  const { hash, hashWithoutImage } = sidecarSetHashes(set.value);
  const patch = annotationPatch(object, { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage });
  return { allowed: true, patch, warnings: [] };
}

/** Refuses what could not work, naming every field; warns of what may be stored, but hurts. Only here, so that nothing is told twice. */
export function judgeSidecarSet(
  request: AdmissionRequest,
  { namespaces, ...known }: GatheredValidation,
): AdmissionAnswer {
  const { object, oldObject } = request;
  if (object === undefined || isLeaving(object)) return UNCHANGED;
  const errors = validateSidecarSet({
    ...known,
    sidecarSet: object,
    old: oldObject,
    compilePattern: compileGoPattern,
  });
  if (errors.length > 0) return refused(request, errors);
  const findings = lintSidecarSet({ sidecarSet: object, old: oldObject, namespaces });
  return { allowed: true, patch: [], warnings: warningTexts(findings) };
}

/** Whether judging it takes the white list of annotations. */
export function patchesPodMetadata({ object }: AdmissionRequest): boolean {
  return (
    isJsonObject(object?.spec) && isJsonList(object.spec.patchPodMetadata) && object.spec.patchPodMetadata.length > 0
  );
}

/** On its way out an object may only lose its finalizers; nothing about its content should hold that up. */
function isLeaving({ metadata }: JsonObject): boolean {
  return isJsonObject(metadata) && Boolean(metadata.deletionTimestamp);
}

function annotationPatch(object: JsonObject, wanted: Readonly<Record<string, string>>): readonly JsonPatchOperation[] {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  const { annotations } = metadata;
  if (!isJsonObject(annotations)) return [{ op: "add", path: "/metadata/annotations", value: wanted }];
  return Object.entries(wanted)
    .filter(([key, value]) => annotations[key] !== value)
    .map(([key, value]) => ({ op: "add", path: jsonPointer("metadata", "annotations", key), value }));
}

function refused(request: AdmissionRequest, errors: readonly FieldError[]): AdmissionAnswer {
  const status = invalidStatus({ group: GROUP, kind: SIDECAR_SET_KIND, name: request.name }, errors);
  return { allowed: false, status };
}
