import type { Pod } from "../kube/pod.ts";
import { HASH_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { CarriedRevisions, PodsByHash } from "./carriedRevisions.ts";
import { keepsFraction, keepsNext, keepsOrdinal, type Share } from "./keptShare.ts";
import { controllerOf, ordinalOf } from "./podOrdinal.ts";
import { splitFraction } from "./splitFraction.ts";

export interface PodOfSplit {
  readonly pod: Pod;
  /** Stable text that tells the pod from others. */
  readonly identity: string;
  /** Absent: nothing is known of other pods. */
  readonly carried?: CarriedRevisions | undefined;
}

interface TwoRevisions {
  readonly newest: SidecarSet;
  readonly old: SidecarSet | undefined;
}

/**
 * Whether the share of the old revision takes in this pod: by its place in the workload where it has a lasting one, else by what the
 * workload's other pods carry, else by its name.
 */
export function isKept(share: Share, between: TwoRevisions, { pod, identity, carried }: PodOfSplit): boolean {
  const ordinal = ordinalOf(pod);
  if (ordinal !== undefined) return keepsOrdinal(share, ordinal);
  const fraction = splitFraction(between.newest.name, identity);
  const owner = controllerOf(pod);
  if (owner === undefined || carried === undefined || !tellsApart(between)) return keepsFraction(share, fraction);
  const siblings = carried.ofOwner(owner.uid, between.newest.name);
  return keepsNext(share, bySide(siblings, hashOf(between.newest) ?? "")) ?? fraction < 0.5;
}

/** Two revisions may have the same hash: volumes and pod metadata are not part of it. */
function tellsApart({ newest, old }: TwoRevisions): boolean {
  return old === undefined || hashOf(newest) !== hashOf(old);
}

/** Pods of whichever older revision count as old: to all of them an update would come. */
function bySide(siblings: PodsByHash, newestHash: string): { readonly old: number; readonly newest: number } {
  let all = 0;
  for (const pods of siblings.values()) all += pods;
  const newest = siblings.get(newestHash) ?? 0;
  return { old: all - newest, newest };
}

function hashOf({ annotations }: SidecarSet): string | undefined {
  return annotations[HASH_ANNOTATION];
}
