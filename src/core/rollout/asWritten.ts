import { applyJsonPatch, type JsonPatch } from "../kube/jsonPatch.ts";
import type { JsonObject } from "../kube/object.ts";
import { type ContainerRecord, type PodRecord, readHashes } from "../pod/podRecord.ts";
import { HASH_ANNOTATION } from "../sidecarSet/annotations.ts";

/**
 * The pod as it will be when this write has been carried out. Where the patch does not apply, the API server refuses it or has carried
 * it out before: the pod stays as it is.
 */
export function asWritten(pod: PodRecord, operations: JsonPatch): PodRecord {
  const patched = applyJsonPatch(writable(pod), operations);
  if (!patched.ok) return pod;
  const { metadata, spec } = patched.value as unknown as Writable;
  const containers = withImages(pod.containers, spec.containers);
  const initContainers = withImages(pod.initContainers, spec.initContainers);
  const specChanged = containers !== pod.containers || initContainers !== pod.initContainers;
  return {
    ...pod,
    ...metadata,
    containers,
    initContainers,
    hashes: readHashes(metadata.annotations[HASH_ANNOTATION]),
    generation: pod.generation === undefined || !specChanged ? pod.generation : pod.generation + 1,
  };
}

/** What a write of ours tests or changes. */
interface Writable {
  readonly metadata: Pick<PodRecord, "uid" | "resourceVersion" | "labels" | "annotations">;
  readonly spec: { readonly containers: readonly Image[]; readonly initContainers: readonly Image[] };
}

type Image = Pick<ContainerRecord, "image">;

function writable({ uid, resourceVersion, labels, annotations, containers, initContainers }: PodRecord): JsonObject {
  const whole: Writable = {
    metadata: { uid, resourceVersion, labels, annotations },
    spec: { containers: containers.map(imageOf), initContainers: initContainers.map(imageOf) },
  };
  return whole as unknown as JsonObject;
}

function imageOf({ image }: ContainerRecord): Image {
  return { image };
}

function withImages(before: readonly ContainerRecord[], after: readonly Image[]): readonly ContainerRecord[] {
  if (before.every(({ image }, index) => image === after[index]!.image)) return before;
  return before.map((container, index) => ({ ...container, image: after[index]!.image }));
}
