import type { PodRecord } from "../pod/podRecord.ts";
import type { Candidate } from "./candidate.ts";
import type { Judge } from "./judge.ts";
import type { Judgement } from "./judgePod.ts";
import type { PodReport } from "./podReport.ts";
import type { RolloutRules } from "./rolloutRules.ts";

/** One pod in the book. Where it is judged anew another entry takes its place: everything that orders or counts it stays as it was. */
export interface BookEntry extends Candidate {
  /** As it was judged, or a later state that reads alike. */
  pod: PodRecord;
  readonly judgement: Judgement;
  readonly report: PodReport;
  /** Counted as available in the counters. */
  available: boolean;
  /** Its deadline has passed. */
  overdue: boolean;
}

export function bookEntry(pod: PodRecord, rules: RolloutRules, judge: Judge): BookEntry {
  const { judgement, report } = judge.of(pod);
  return {
    pod,
    orderKey: rules.orderKey(pod),
    judgement,
    report,
    available: judgement.available && judgement.credibleAt === undefined,
    overdue: false,
  };
}

/** One of the pods that use up the budget: updated and not available, or not back from an earlier upgrade. */
export function holdsBudget({ judgement, available }: Pick<BookEntry, "judgement" | "available">): boolean {
  return judgement.inFlight || (judgement.updated && !available);
}
