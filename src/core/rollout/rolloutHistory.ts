import { formatTime } from "../pod/recordJson.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { MOST_HISTORY, type PastRollout } from "../sidecarSet/sidecarSetStatus.ts";

const CHANGE_CAUSE = "kubernetes.io/change-cause";

/** What is true of the rollout under way. */
export interface Chapter {
  readonly revision: string;
  /** In words; asked for only when the rollout is a new one. */
  readonly change: () => string;
  /** Every pod has the revision and is ready. */
  readonly complete: boolean;
  readonly now: number;
}

/**
 * The last rollouts, newest first. One ends when every pod has its revision and is ready, or when the next one begins before that: as
 * `RolledBack` when that goes back to a revision of before, else as `Superseded`.
 */
export function historyAfter(
  before: readonly PastRollout[],
  set: SidecarSet,
  { revision, change, complete, now }: Chapter,
): readonly PastRollout[] {
  const time = formatTime(now);
  const [last, ...earlier] = before;
  if (last?.revision === revision) {
    if (!complete || last.result !== "Progressing") return before;
    return [{ ...last, finishedAt: time, result: "Promoted" }, ...earlier];
  }
  const cause = set.annotations[CHANGE_CAUSE];
  const begun: PastRollout = {
    revision,
    change: change(),
    startedAt: time,
    ...(complete && { finishedAt: time }),
    result: complete ? "Promoted" : "Progressing",
    ...(set.writtenBy && { by: set.writtenBy }),
    ...(cause && { cause }),
  };
  const goesBack = earlier.some((past) => past.revision === revision);
  const ended =
    last?.result === "Progressing" ? { finishedAt: time, result: goesBack ? "RolledBack" : "Superseded" } : {};
  const past = last ? [{ ...last, ...ended }, ...earlier] : [];
  return [begun, ...past].slice(0, MOST_HISTORY);
}
