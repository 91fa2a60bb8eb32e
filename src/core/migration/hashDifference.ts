import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../sidecarSet/hash.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

export interface HashDifference {
  readonly annotation: string;
  /** Empty: there is none. */
  readonly stored: string;
  readonly ours: string;
}

/** Where a SidecarSet's hashes, as they are stored, are not those that we would write; the first of the two. */
export function hashDifference(set: SidecarSet): HashDifference | undefined {
  const { hash, hashWithoutImage } = sidecarSetHashes(set);
  const both = [
    { annotation: HASH_ANNOTATION, ours: hash },
    { annotation: HASH_WITHOUT_IMAGE_ANNOTATION, ours: hashWithoutImage },
  ].map(({ annotation, ours }) => ({ annotation, stored: set.annotations[annotation] ?? "", ours }));
  return both.find(({ stored, ours }) => stored !== ours);
}
