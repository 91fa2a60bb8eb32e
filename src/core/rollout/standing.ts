import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Phase } from "../sidecarSet/sidecarSetStatus.ts";
import {
  countOf,
  examplesOf,
  HELD,
  podsText,
  QUEUED,
  type RolloutSummary,
  STUCK,
  shortened,
  UNFINISHED,
} from "./rolloutSummary.ts";

/** Where a rollout stands. */
export interface Standing {
  readonly phase: Phase;
  /** Of condition Progressing. */
  readonly reason: string;
  /** Why nothing goes on by itself; only in phase `Blocked`. */
  readonly stall: Stall | undefined;
}

interface Stall {
  readonly reason: "BudgetExhausted" | "NotUpgradable" | "ProgressDeadlineExceeded";
  readonly message: string;
}

/** What is to be known of the time before. */
export interface Course {
  /** Pods of a wave may still be restarting. */
  readonly waveOpen: boolean;
  /** The rollout to this revision has once been completed. */
  readonly promoted: boolean;
}

/** The first that applies. */
export function standingOf(set: SidecarSet, pods: RolloutSummary, course: Course): Standing {
  const { type, paused } = set.spec.updateStrategy;
  if (paused) return at("Paused", "Paused");
  if (type === "NotUpdate") return at("NotUpdate", "NotUpdate");
  if (countOf(pods, ["U18"]) > 0) return at("Paused", "UpdatesStopped");
  const stall = stallOf(pods, course);
  if (stall) return { phase: "Blocked", reason: stall.reason, stall };
  const queued = countOf(pods, QUEUED);
  const open = pods.next + queued + countOf(pods, [...UNFINISHED, ...STUCK]);
  // Of a rollout that was completed, pods that are not ready are no longer its affair.
  const unsettled = restarting(pods) > 0 && (course.waveOpen || !course.promoted);
  if (open > 0 || unsettled) {
    const waits = queued > 0 && pods.next === 0 && !course.waveOpen;
    return at("Progressing", waits ? "WaitingForBudget" : "WaveInProgress");
  }
  if (countOf(pods, ["U05"]) > 0) return at("Held", "HeldByPartition");
  return countOf(pods, HELD) > 0 ? at("Held", "HeldBySelector") : at("Complete", "Complete");
}

function at(phase: Phase, reason: string): Standing {
  return { phase, reason, stall: undefined };
}

function stallOf(pods: RolloutSummary, { promoted }: Course): Stall | undefined {
  if (pods.next > 0 || countOf(pods, UNFINISHED) > 0) return undefined;
  const queued = countOf(pods, QUEUED);
  if (isExhausted(pods, queued, promoted)) return { reason: "BudgetExhausted", message: exhaustion(pods, queued) };
  if (promoted) return leftOver(pods, queued);
  if (queued > 0 || restarting(pods) > pods.failing.count) return undefined;
  if (pods.failing.overdue > 0) {
    const message = `${podsText(pods.failing.overdue)} did not become ready in time: ${shortened(pods.failing)}`;
    return { reason: "ProgressDeadlineExceeded", message };
  }
  return leftOver(pods, pods.failing.count);
}

/** Updated pods that are unavailable, whether or not they recover by themselves. */
function restarting({ budget, counters }: RolloutSummary): number {
  return budget ? budget.used : counters.updated - counters.updatedReady;
}

/** Pods wait and those that hold the budget do not recover by themselves, or there is none; or the next pods would wait so. */
function isExhausted(pods: RolloutSummary, queued: number, promoted: boolean): boolean {
  const { budget, failing } = pods;
  if (!budget) return false;
  if (queued > 0) return restarting(pods) <= failing.count;
  return failing.count > 0 && failing.count >= budget.limit && !promoted;
}

function exhaustion({ budget, failing }: RolloutSummary, queued: number): string {
  const waiting = `${queued === 1 ? "1 pod waits" : `${queued} pods wait`}`;
  if (failing.count === 0) return `maxUnavailable is 0: ${waiting}, and no ready pod can be updated`;
  return `the budget of ${budget?.limit ?? 0} is held by ${podsText(failing.count)} that will not get ready: ${shortened(failing)}; ${waiting}`;
}

/** Nothing moves, and pods are left that cannot be upgraded in place. */
function leftOver(pods: RolloutSummary, moving: number): Stall | undefined {
  const stuck = countOf(pods, STUCK);
  if (stuck === 0 || moving > 0) return undefined;
  return {
    reason: "NotUpgradable",
    message: `${podsText(stuck)} cannot be updated: ${shortened({ count: stuck, examples: examplesOf(pods, STUCK) })}`,
  };
}
