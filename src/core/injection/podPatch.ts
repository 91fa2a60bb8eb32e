import { type JsonPatchOperation, jsonEqual, jsonPointer } from "../kube/jsonPatch.ts";
import { keepText } from "../kube/keptText.ts";
import type { Json } from "../kube/object.ts";
import type { Container } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import type { Placement } from "./placeContainers.ts";

/**
 * Operations are made from what was added, never by comparing whole pods: whole elements are inserted, so a field we do not know can
 * never end up in another container. `undefined` and `null` both mean that the pod has no such list or map.
 *
 * @param after at least the entries that are not in `before`
 */
export function mapOperations(
  field: "annotations" | "labels",
  before: Readonly<Record<string, string>> | null | undefined,
  after: Readonly<Record<string, string>>,
): readonly JsonPatchOperation[] {
  const changed = Object.keys(after).filter((key) => before?.[key] !== after[key]);
  if (changed.length === 0) return [];
  if (!before) return [{ op: "add", path: `/metadata/${field}`, value: after }];
  return changed.map((key) => ({ op: "add", path: jsonPointer("metadata", field, key), value: after[key]! }));
}

/** The same for annotations that many pods get by the same object. */
export function sharedOperations(
  before: Readonly<Record<string, string>> | null | undefined,
  after: Readonly<Record<string, string>>,
): readonly JsonPatchOperation[] {
  const isNew = before && Object.keys(after).every((key) => before[key] === undefined);
  return isNew ? operationsOnNothing(after) : mapOperations("annotations", before, after);
}

const operationsOnNothing = oncePer((after: Readonly<Record<string, string>>) =>
  mapOperations("annotations", {}, after).map(keepText),
);

export function containerOperations(
  field: "containers" | "initContainers",
  before: readonly Container[] | null | undefined,
  { rebuilt, front, back }: Placement,
): readonly JsonPatchOperation[] {
  if (!before) return appendOperations(field, before, [...front, ...back] as readonly Json[]);
  if (rebuilt.size === 0 && front.length === 0) return appendOperations(field, before, back as readonly Json[]);
  const replaced = [...rebuilt].flatMap(([index, container]): JsonPatchOperation[] =>
    jsonEqual(before[index] as Json, container as Json)
      ? []
      : [{ op: "replace", path: jsonPointer("spec", field, index), value: container as Json }],
  );
  const inFront = front.map((container, index): JsonPatchOperation => {
    return { op: "add", path: jsonPointer("spec", field, index), value: container as Json };
  });
  return [...replaced, ...inFront, ...appendOperations(field, before, back as readonly Json[])];
}

export function appendOperations(
  field: string,
  before: readonly unknown[] | null | undefined,
  added: readonly Json[],
): readonly JsonPatchOperation[] {
  if (added.length === 0) return [];
  const path = `/spec/${field}`;
  if (!before) return [{ op: "add", path, value: added }];
  return added.map((value) => ({ op: "add", path: `${path}/-`, value }));
}

/** For a list that was merged as a whole: appends where it only grew. */
export function mergedListOperations(
  field: string,
  before: readonly Json[] | null | undefined,
  after: readonly Json[],
): readonly JsonPatchOperation[] {
  const kept = before?.every((value, index) => value === after[index]) ?? true;
  if (kept) return appendOperations(field, before, after.slice(before?.length ?? 0));
  return [{ op: "replace", path: jsonPointer("spec", field), value: after }];
}
