import { jsonEqual } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { MIRROR_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/**
 * Whether two states of a pod are the same to all that a rollout of this set reads: then nothing has to be judged again. Most events
 * of a pod are such: a heartbeat in an annotation, another condition, our own write coming back.
 */
export function readsAlike(one: PodRecord, other: PodRecord, set: SidecarSet): boolean {
  for (const field of Object.keys(one) as (keyof PodRecord)[]) {
    if (UNREAD.has(field) || one[field] === other[field]) continue;
    if (!jsonEqual(one[field] as Json | undefined, other[field] as Json | undefined)) return false;
  }
  return annotationsReadAlike(one.annotations, other.annotations, set);
}

/** Not read, or looked at by themselves; `hashes` is one of the annotations. */
const UNREAD: ReadonlySet<keyof PodRecord> = new Set(["resourceVersion", "annotations", "hashes"]);

type Annotations = PodRecord["annotations"];

function annotationsReadAlike(one: Annotations, other: Annotations, { spec }: SidecarSet): boolean {
  if (one === other) return true;
  const patched = spec.patchPodMetadata.flatMap(({ annotations }) => Object.keys(annotations));
  const isRead = (key: string): boolean =>
    key.includes(OUR_DOMAIN) || key === MIRROR_ANNOTATION || patched.includes(key);
  for (const key of Object.keys(one)) if (one[key] !== other[key] && isRead(key)) return false;
  for (const key of Object.keys(other)) if (!(key in one) && isRead(key)) return false;
  return true;
}

/** Of every annotation that is a record of injections and upgrades, or a wish of the pod about them. */
const OUR_DOMAIN = "kruise.io/";
