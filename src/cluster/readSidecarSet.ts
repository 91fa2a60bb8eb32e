import type { KubeObject } from "../core/kube/object.ts";
import type { FieldError, Result } from "../core/result.ts";
import { ok } from "../core/result.ts";
import { withMissingHashes } from "../core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Log } from "./environment.ts";
import type { Transform } from "./localCopy.ts";

/**
 * A SidecarSet as the cluster stores it. One that was written while no webhook was registered has no hashes: it gets those that
 * admission would have given it, or pods would be injected under none and never be upgraded.
 */
export function storedSidecarSet(object: KubeObject): Result<SidecarSet, readonly FieldError[]> {
  const parsed = parseSidecarSet(object);
  return parsed.ok ? ok(withMissingHashes(parsed.value)) : parsed;
}

/**
 * The transform for a local copy of SidecarSets. An object that cannot be read (it may be older than its admission rules) is kept
 * as undefined and reported: it injects and upgrades nothing until it is mended.
 */
export function sidecarSetReader(log: Log): Transform<KubeObject, SidecarSet | undefined> {
  return (object) => {
    const set = storedSidecarSet(object);
    if (set.ok) return set.value;
    const errors = set.error.map(({ field, detail }) => `${field}: ${detail}`);
    log("warn", "the SidecarSet cannot be read", { sidecarset: object.metadata.name, errors });
    return undefined;
  };
}
