import type { KubeObject } from "../core/kube/object.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Log } from "./environment.ts";
import type { Transform } from "./localCopy.ts";

/**
 * The transform for a local copy of SidecarSets. An object that cannot be read (it may be older than its admission rules) is kept
 * as undefined and reported: it injects and upgrades nothing until it is mended.
 */
export function sidecarSetReader(log: Log): Transform<KubeObject, SidecarSet | undefined> {
  return (object) => {
    const parsed = parseSidecarSet(object);
    if (parsed.ok) return parsed.value;
    const errors = parsed.error.map(({ field, detail }) => `${field}: ${detail}`);
    log("warn", "the SidecarSet cannot be read", { sidecarset: object.metadata.name, errors });
    return undefined;
  };
}
