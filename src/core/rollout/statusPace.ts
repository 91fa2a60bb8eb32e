import type { SidecarSetStatus } from "../sidecarSet/sidecarSetStatus.ts";
import type { RolloutStatus } from "./status.ts";

/** When a set's status was written last, and how long what only moves numbers waits after that. Milliseconds. */
export interface StatusPace {
  readonly writtenAt: number;
  readonly intervalMs: number;
}

/** Between two writes at least, and at most as long as numbers move: a rollout of an hour must not write four times a second. */
const INTERVAL_MS = { shortest: 250, longest: 5_000 };
/** A wave of this share of the pods, or a larger one, is told at once; of smaller ones there are too many. */
const LARGE_WAVE = 1 / 10;

/**
 * Whether somebody may wait for it: another generation or revision, another phase or condition, the beginning or end of a rollout, a
 * large wave. All else are numbers that move.
 */
export function isPressing(stored: SidecarSetStatus, next: RolloutStatus): boolean {
  return (
    stored.observedGeneration !== next.observedGeneration ||
    stored.latestRevision !== next.latestRevision ||
    stored.rollout?.phase !== next.rollout.phase ||
    stored.rollout.reason !== next.rollout.reason ||
    textOfConditions(stored) !== textOfConditions(next) ||
    textOfHistory(stored) !== textOfHistory(next) ||
    (stored.rollout.wave !== next.rollout.wave && (next.budget?.limit ?? 0) >= next.matchedPods * LARGE_WAVE)
  );
}

/** @param pace undefined: never written @returns when it may be written, in the time of `writtenAt` */
export function statusDueAt(pace: StatusPace | undefined, pressing: boolean): number {
  if (pace === undefined) return Number.NEGATIVE_INFINITY;
  return pace.writtenAt + (pressing ? INTERVAL_MS.shortest : pace.intervalMs);
}

/** After a write: numbers that go on moving wait twice as long the next time; after a rest they are told at once again. */
export function paceAfter(before: StatusPace | undefined, now: number): StatusPace {
  if (before === undefined || now - before.writtenAt > 2 * before.intervalMs)
    return { writtenAt: now, intervalMs: INTERVAL_MS.shortest };
  const early = now < statusDueAt(before, false);
  const intervalMs = early ? before.intervalMs : Math.min(INTERVAL_MS.longest, 2 * before.intervalMs);
  return { writtenAt: now, intervalMs };
}

function textOfConditions({ conditions = [] }: Pick<SidecarSetStatus, "conditions">): string {
  return conditions.map(({ type, status, reason }) => `${type}=${status}:${reason}`).join();
}

function textOfHistory({ history = [] }: Pick<SidecarSetStatus, "history">): string {
  return history.map(({ revision, result }) => `${revision}=${result}`).join();
}
