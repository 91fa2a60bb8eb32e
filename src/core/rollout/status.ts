import { jsonEqual } from "../kube/jsonPatch.ts";
import type { ControllerRevision, Json } from "../kube/object.ts";
import { formatTime } from "../pod/recordJson.ts";
import type { SidecarSet, SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";
import type { BudgetUse } from "../sidecarSet/sidecarSetStatus.ts";
import { changeText } from "./changeText.ts";
import { conditionsAfter, type Registered } from "./conditions.ts";
import { historyAfter } from "./rolloutHistory.ts";
import { countOf, HELD, type RolloutSummary, STUCK } from "./rolloutSummary.ts";

export type { PodCounters } from "./rolloutSummary.ts";

import { standingOf } from "./standing.ts";
import { waveAfter } from "./wave.ts";

/** A status to be written: nothing is left open. */
export type RolloutStatus = {
  readonly [field in Exclude<keyof SidecarSetStatus, "budget">]-?: NonNullable<SidecarSetStatus[field]>;
} & {
  /** Null, so that a merge patch removes what was: the strategy cannot be read. */
  readonly budget: BudgetUse | null;
};

export interface StatusInput {
  readonly set: SidecarSet;
  readonly pods: RolloutSummary;
  readonly latestRevision: string;
  readonly collisionCount: number;
  /** Stored revisions; the one before tells what has changed. */
  readonly revisions: Iterable<ControllerRevision>;
  /** What was computed last, written or not: waves and history go on from there. */
  readonly before: SidecarSetStatus | RolloutStatus;
  /** Pods upgraded since then. */
  readonly upgraded: number;
  /** Left out: nothing is known. */
  readonly registered?: Registered | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status for the generation that the counters were computed for. Equal facts give an equal status, whenever it is computed. */
export function rolloutStatus(input: StatusInput): RolloutStatus {
  const { set, pods, latestRevision, collisionCount, before, now } = input;
  const { matched, updated, ready, updatedReady } = pods.counters;
  const goesOn = before.rollout?.targetRevision === latestRevision ? before.rollout : undefined;
  const wave = waveAfter(goesOn, input.upgraded, pods);
  const last = before.history?.find(({ revision }) => revision === latestRevision);
  const promoted = last !== undefined && last === before.history?.[0] && last.result === "Promoted";
  const standing = standingOf(set, pods, { waveOpen: wave.started > 0, promoted });
  const { phase, reason } = standing;
  // What changed and changed back between two writes has not happened to anybody who watches.
  const known = set.status.rollout;
  return {
    observedGeneration: set.generation,
    matchedPods: matched,
    updatedPods: updated,
    readyPods: ready,
    updatedReadyPods: updatedReady,
    latestRevision,
    collisionCount,
    selectedPods: pods.selected,
    heldPods: countOf(pods, HELD),
    stuckPods: pods.failing.count + countOf(pods, STUCK),
    driftedPods: pods.drifted.count,
    budget: pods.budget ?? null,
    rollout: {
      phase,
      reason,
      since: (known?.targetRevision === latestRevision && known.phase === phase && known.since) || formatTime(now),
      ...wave,
      targetRevision: latestRevision,
    },
    waiting: pods.waiting,
    conditions: conditionsAfter(set.status.conditions ?? [], {
      set,
      standing,
      pods,
      registered: input.registered,
      now,
    }),
    history: historyAfter(before.history ?? [], set, {
      revision: latestRevision,
      change: () => changeText(revisionBefore(input), set),
      complete: updated === matched && updatedReady === updated,
      now,
    }),
  };
}

function revisionBefore({ revisions, before, latestRevision }: StatusInput): ControllerRevision | undefined {
  const name = before.history?.[0]?.revision ?? before.latestRevision;
  if (name === latestRevision) return undefined;
  for (const revision of revisions) if (revision.metadata.name === name) return revision;
  return undefined;
}

/** Absent and 0 differ, so the first status of a set is always written. An older generation never replaces a newer one. */
export function needsWriting(stored: SidecarSetStatus, computed: RolloutStatus): boolean {
  if (computed.observedGeneration > (stored.observedGeneration ?? 0)) return true;
  return COMPARED.some((field) => !jsonEqual((stored[field] ?? null) as Json, computed[field] as unknown as Json));
}

const COMPARED = [
  "matchedPods",
  "updatedPods",
  "readyPods",
  "updatedReadyPods",
  "latestRevision",
  "collisionCount",
  "selectedPods",
  "heldPods",
  "stuckPods",
  "driftedPods",
  "budget",
  "rollout",
  "waiting",
  "conditions",
  "history",
] as const satisfies readonly (keyof SidecarSetStatus)[];
