import { type JsonPatch, type JsonPatchOperation, jsonPointer } from "../kube/jsonPatch.ts";
import type { Labels } from "../kube/labelSelector.ts";
import { oncePerText } from "../oncePerText.ts";
import { formatWorkingContainers } from "../pod/bookkeeping.ts";
import type { ContainerRecord, PodRecord } from "../pod/podRecord.ts";
import { WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { ImageChange } from "./verdict.ts";

/** What one sidecar contributes to the write of a pod. */
export interface PlannedWrite {
  readonly images: readonly PlannedImage[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Base name of a pair → the container that works from now on. */
  readonly working: readonly (readonly [string, string])[];
}

/** One container of the pod and the image it is to run. */
export interface PlannedImage {
  readonly list: "containers" | "initContainers";
  readonly container: ContainerRecord;
  readonly image: string;
}

export const NO_CHANGE: PlannedWrite = { images: [], annotations: {}, working: [] };

export interface PodPatch {
  readonly changes: readonly ImageChange[];
  readonly operations: JsonPatch;
}

/**
 * All pairs of a pod share the annotation that names the working containers, so their entries meet here.
 * @param workingContainers asked for only where a pair is written
 */
export function joined(
  writes: readonly PlannedWrite[],
  workingContainers: () => ReadonlyMap<string, string>,
): PlannedWrite {
  const [only] = writes;
  if (only && writes.length === 1 && only.working.length === 0) return only;
  const working = writes.flatMap((write) => write.working);
  const annotations: Record<string, string> = {};
  for (const write of writes) Object.assign(annotations, write.annotations);
  if (working.length > 0) {
    annotations[WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION] = formatWorkingContainers(
      new Map([...workingContainers(), ...working]),
    );
  }
  return { images: writes.flatMap(({ images }) => images), annotations, working };
}

/** The same patch for another pod, which differs from the first in nothing but who it is. */
export function readdressed({ changes, operations }: PodPatch, { uid, resourceVersion }: PodRecord): PodPatch {
  const own = operations.map((operation): JsonPatchOperation => {
    if (operation.path === UID) return { op: "test", path: UID, value: uid };
    return operation.path === VERSION ? { op: "test", path: VERSION, value: resourceVersion } : operation;
  });
  return { changes, operations: own };
}

const UID = jsonPointer("metadata", "uid");
const VERSION = jsonPointer("metadata", "resourceVersion");

/**
 * The write as a JSON patch. Every value it replaces is tested first, so a pod that changed since it was read is refused by the API
 * server instead of being overwritten.
 */
export function podPatch(
  pod: PodRecord,
  { images, annotations, labels = pod.labels }: Omit<PlannedWrite, "working"> & { readonly labels?: Labels },
): PodPatch {
  const operations: JsonPatchOperation[] = [{ op: "test", path: UID, value: pod.uid }];
  for (const { list, container, image } of images) {
    const path = imagePointer(list, pod[list].indexOf(container));
    operations.push({ op: "test", path, value: container.image }, { op: "replace", path, value: image });
  }
  for (const key of Object.keys(annotations)) {
    operations.push(...textOperations(annotationPointer(key), pod.annotations[key], annotations[key]!));
  }
  operations.push(...labelOperations(pod, labels));
  return {
    changes: images.map(({ container, image }) => ({ container: container.name, from: container.image, to: image })),
    operations,
  };
}

/** By the place of the container. */
const IMAGE_POINTERS = { containers: new Map<number, string>(), initContainers: new Map<number, string>() };

function imagePointer(list: PlannedImage["list"], place: number): string {
  const known = IMAGE_POINTERS[list].get(place);
  if (known !== undefined) return known;
  const pointer = jsonPointer("spec", list, place, "image");
  IMAGE_POINTERS[list].set(place, pointer);
  return pointer;
}

const annotationPointer = oncePerText((key) => jsonPointer("metadata", "annotations", key));

/** A pod without labels may have no map for them; the whole of it is only written over the pod that was read. */
function labelOperations({ labels: before, resourceVersion }: PodRecord, labels: Labels): JsonPatchOperation[] {
  if (labels === before) return [];
  const changed = Object.entries(labels).filter(([key, value]) => before[key] !== value);
  if (changed.length > 0 && Object.keys(before).length === 0) {
    return [
      { op: "test", path: VERSION, value: resourceVersion },
      { op: "add", path: jsonPointer("metadata", "labels"), value: labels },
    ];
  }
  return changed.flatMap(([key, value]) => textOperations(jsonPointer("metadata", "labels", key), before[key], value));
}

function textOperations(path: string, old: string | undefined, text: string): JsonPatchOperation[] {
  if (old === undefined) return [{ op: "add", path, value: text }];
  const test: JsonPatchOperation = { op: "test", path, value: old };
  return old === text ? [test] : [test, { op: "replace", path, value: text }];
}
