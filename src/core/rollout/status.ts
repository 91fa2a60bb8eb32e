import type { SidecarSet, SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";

/** The four counters of a rollout, over the pods that carry the set's sidecars. */
export interface PodCounters {
  readonly matched: number;
  readonly updated: number;
  readonly ready: number;
  readonly updatedReady: number;
}

/** A status to be written: nothing is left open. */
export type RolloutStatus = { readonly [field in keyof SidecarSetStatus]-?: NonNullable<SidecarSetStatus[field]> };

/** The status as the counters and the revision give it, for the generation they were computed for. */
export function rolloutStatus(
  set: SidecarSet,
  counters: PodCounters,
  revision: { readonly latest: string; readonly collisionCount: number },
): RolloutStatus {
  return {
    observedGeneration: set.generation,
    matchedPods: counters.matched,
    updatedPods: counters.updated,
    readyPods: counters.ready,
    updatedReadyPods: counters.updatedReady,
    latestRevision: revision.latest,
    collisionCount: revision.collisionCount,
  };
}

/** Absent and 0 differ, so the first status of a set is always written. An older generation never replaces a newer one. */
export function needsWriting(stored: SidecarSetStatus, computed: RolloutStatus): boolean {
  if (computed.observedGeneration > (stored.observedGeneration ?? 0)) return true;
  return COMPARED.some((field) => stored[field] !== computed[field]);
}

const COMPARED = [
  "matchedPods",
  "updatedPods",
  "readyPods",
  "updatedReadyPods",
  "latestRevision",
  "collisionCount",
] as const satisfies readonly (keyof SidecarSetStatus)[];
