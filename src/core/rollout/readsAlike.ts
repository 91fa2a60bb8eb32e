import type { PodRecord } from "../pod/podRecord.ts";
import { MIRROR_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/**
 * Whether two states of a pod are the same to all that a rollout of this set reads: then nothing has to be judged again. Most events
 * of a pod are such: a heartbeat in an annotation, another condition, our own write coming back.
 */
export function readsAlike(one: PodRecord, other: PodRecord, set: SidecarSet): boolean {
  for (const field of SCALARS) if (one[field] !== other[field]) return false;
  for (const field of PARTS) if (!isSame(one[field], other[field])) return false;
  return annotationsReadAlike(one.annotations, other.annotations, set);
}

/** How a field is compared; `hashes` is one of the annotations. */
const FIELDS: Readonly<Record<keyof PodRecord, "scalar" | "part" | "unread" | "byItself">> = {
  restarts: "scalar",
  ready: "scalar",
  readySince: "scalar",
  generation: "scalar",
  observedGeneration: "scalar",
  phase: "scalar",
  deleting: "scalar",
  nodeName: "scalar",
  reportedContainers: "scalar",
  nativeRestarts: "scalar",
  uid: "scalar",
  owner: "scalar",
  createdAt: "scalar",
  namespace: "scalar",
  name: "scalar",
  containers: "part",
  initContainers: "part",
  labels: "part",
  upgradable: "part",
  annotations: "byItself",
  hashes: "unread",
  resourceVersion: "unread",
};
/** What differs most often comes first. */
const SCALARS = fieldsWith("scalar");
const PARTS = fieldsWith("part");

function fieldsWith(comparison: string): readonly (keyof PodRecord)[] {
  return (Object.keys(FIELDS) as (keyof PodRecord)[]).filter((field) => FIELDS[field] === comparison);
}

/** For the plain data of a record. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isPart(one) || !isPart(other)) return false;
  for (const key in one) if (!isSame(one[key], other[key])) return false;
  for (const key in other) if (!Object.hasOwn(one, key)) return false;
  return true;
}

function isPart(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

type Annotations = PodRecord["annotations"];

function annotationsReadAlike(one: Annotations, other: Annotations, { spec }: SidecarSet): boolean {
  if (one === other) return true;
  const isRead = (key: string): boolean =>
    key.includes(OUR_DOMAIN) ||
    key === MIRROR_ANNOTATION ||
    spec.patchPodMetadata.some(({ annotations }) => Object.hasOwn(annotations, key));
  for (const key of Object.keys(one)) if (one[key] !== other[key] && isRead(key)) return false;
  for (const key of Object.keys(other)) if (!(key in one) && isRead(key)) return false;
  return true;
}

/** Of every annotation that is a record of injections and upgrades, or a wish of the pod about them. */
const OUR_DOMAIN = "kruise.io/";
