import type { Playback } from "./playForward.ts";
import type { Because } from "./verdict.ts";

/** How a rollout ends. */
export type Outcome =
  /** Every pod is updated and ready. */
  | "complete"
  /** So is every pod that the strategy lets go. */
  | "held"
  /** Nothing waits any more, but not all updated pods are ready, or some cannot be updated in place. */
  | "degraded"
  /** Pods wait for something that does not happen. */
  | "blocked";

export function outcomeOf({ verdicts, after }: Pick<Playback, "verdicts" | "after">): Outcome {
  const reasons = new Set<Because>();
  for (const verdict of verdicts.values()) if (verdict.kind !== "upgrade") reasons.add(verdict.because);
  if ([...reasons].some((because) => BLOCKED.has(because))) return "blocked";
  if (after.updatedReady < after.updated || [...reasons].some((because) => NEVER.has(because))) return "degraded";
  return [...reasons].some((because) => HELD.has(because)) ? "held" : "complete";
}

const BLOCKED: ReadonlySet<string> = new Set<Because>([
  "maxUnavailable",
  "maxUnavailablePerOwner",
  "previousUpgradeRunning",
  "flipPending",
  "writeRefused",
  "unreadableStrategy",
]);
const NEVER: ReadonlySet<string> = new Set<Because>(["nonImageChange", "metadataConflict", "containerMissing"]);
const HELD: ReadonlySet<string> = new Set([
  "partition",
  "notSelected",
  "paused",
  "notUpdateStrategy",
  "updatesStopped",
]);
