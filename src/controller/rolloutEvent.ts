/** A rollout of one SidecarSet to one revision. */
export interface RolloutId {
  readonly sidecarSet: string;
  readonly revision: string;
}

/** What happens in rollouts, in order, for metrics and traces. Times are milliseconds since the epoch. */
export type RolloutEvent =
  /** `resumed`: another process began it, and we go on. */
  | { readonly kind: "rolloutBegan"; readonly rollout: RolloutId; readonly at: number; readonly resumed: boolean }
  | { readonly kind: "waveBegan"; readonly rollout: RolloutId; readonly wave: number; readonly at: number }
  | PodBegan
  | PodEnded
  | { readonly kind: "waveEnded"; readonly rollout: RolloutId; readonly wave: number; readonly at: number }
  | RolloutEnded;

interface PodBegan {
  readonly kind: "podBegan";
  readonly rollout: RolloutId;
  readonly wave: number;
  /** `namespace/name` */
  readonly pod: string;
  /** When it was written. */
  readonly at: number;
}

export interface PodEnded {
  readonly kind: "podEnded";
  /** As the last status before named it. */
  readonly rollout: RolloutId;
  readonly wave: number;
  readonly pod: string;
  readonly beganAt: number;
  readonly at: number;
  readonly result: PodResult;
}

/** `unfinished`: the rollout ended before, or we look no longer. */
export type PodResult = "ready" | "gone" | "unfinished";

export interface RolloutEnded {
  readonly kind: "rolloutEnded";
  readonly rollout: RolloutId;
  readonly result: RolloutResult;
  readonly startedAt: number;
  readonly at: number;
  /** Of that time, as long as the rollout was paused or held back. */
  readonly pausedMs: number;
  /** That it was about, at the end. */
  readonly pods: number;
}

/**
 * `Promoted`, `Superseded` and `RolledBack` as in the history of the status; `Deleted`: the SidecarSet is gone; `HandedOver`: this
 * process leads no more.
 */
export type RolloutResult = "Promoted" | "Superseded" | "RolledBack" | "Deleted" | "HandedOver";
