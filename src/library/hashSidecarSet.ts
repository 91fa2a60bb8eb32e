import { type FieldError, ok, type Result } from "../core/result.ts";
import { type SidecarSetHashes, sidecarSetHashes } from "../core/sidecarSet/hash.ts";
import { readSidecarSet, type SidecarSetInput } from "./readGiven.ts";

/** The two hashes that admission writes as annotations, and that say whether a pod runs the newest revision. */
export function hashSidecarSet(sidecarSet: SidecarSetInput): Result<SidecarSetHashes, readonly FieldError[]> {
  const set = readSidecarSet(sidecarSet);
  return set.ok ? ok(sidecarSetHashes(set.value)) : set;
}
