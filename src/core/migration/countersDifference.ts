import type { PodCounters } from "../rollout/rolloutSummary.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { type ShadowDifference, shadowDifference } from "./shadowDifference.ts";

/** Where a status that is about the present generation counts otherwise than we do. */
export function countersDifferences(
  { name, generation, status }: SidecarSet,
  counters: PodCounters,
): readonly ShadowDifference[] {
  if (status.observedGeneration !== generation) return [];
  const both = [
    ["matchedPods", status.matchedPods, counters.matched],
    ["updatedPods", status.updatedPods, counters.updated],
    ["readyPods", status.readyPods, counters.ready],
    ["updatedReadyPods", status.updatedReadyPods, counters.updatedReady],
  ] as const;
  return both
    .filter(([, theirs = 0, ours]) => theirs !== ours)
    .map(([about, theirs = 0, ours]) =>
      shadowDifference("counters", name, { about, theirs: String(theirs), ours: String(ours) }),
    );
}
