import { encodeInOrder } from "../kube/goJson.ts";
import type { Json, JsonObject } from "../kube/object.ts";
import { safeEncode } from "../kube/safeName.ts";
import { sha256Hex } from "../kube/sha256.ts";
import { typedForm } from "../kube/shape.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "./annotations.ts";
import type { SidecarSet } from "./sidecarSet.ts";
import { SIDECARS } from "./sidecarSetShape.ts";

export interface SidecarSetHashes {
  readonly hash: string;
  /** The hash with every image left out: while it stays, a change can be made in place. */
  readonly hashWithoutImage: string;
}

/** What pods are compared by. The same containers give the same hashes as OpenKruise, whose pods we take over. */
export function sidecarSetHashes({ spec }: SidecarSet): SidecarSetHashes {
  return {
    hash: hashOf(hashedText(spec as unknown as HashedLists)),
    hashWithoutImage: hashOf(hashedText(withoutImages(spec as unknown as HashedLists))),
  };
}

/** The set with the annotations that admission writes. */
export function withHashes(set: SidecarSet): SidecarSet {
  const { hash, hashWithoutImage } = sidecarSetHashes(set);
  const hashes = { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage };
  return { ...set, annotations: { ...set.annotations, ...hashes } };
}

/** The set with hashes, where it lacks one; those it has stay as they are: an older release may have written them, and its pods. */
export function withMissingHashes(set: SidecarSet): SidecarSet {
  const given = [HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION].filter((name) => set.annotations[name]);
  if (given.length === 2) return set;
  const computed = withHashes(set);
  const kept = Object.fromEntries(given.map((name) => [name, set.annotations[name]!]));
  return { ...computed, annotations: { ...computed.annotations, ...kept } };
}

export interface HashedLists {
  readonly containers?: readonly JsonObject[] | null;
  readonly initContainers?: readonly JsonObject[] | null;
}

/**
 * The text whose digest is taken. Init containers count only when one of them is a native sidecar, but then all of them;
 * an absent list of containers is null, an empty one is not.
 */
export function hashedText({ containers, initContainers }: HashedLists): string {
  const hasNativeSidecar = (initContainers ?? []).some((container) => container?.restartPolicy === "Always");
  const hashed: Json = {
    containers: typedForm(containers ?? null, SIDECARS),
    ...(hasNativeSidecar && { initContainers: typedForm(initContainers ?? null, SIDECARS) }),
  };
  return encodeInOrder(hashed);
}

export function withoutImages({ containers, initContainers }: HashedLists): HashedLists {
  return { containers: containers?.map(withoutImage), initContainers: initContainers?.map(withoutImage) };
}

export function hashOf(text: string): string {
  return safeEncode(sha256Hex(text));
}

function withoutImage(container: JsonObject): JsonObject {
  return { ...container, image: "" };
}
