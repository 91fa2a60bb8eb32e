import type { PodRecord } from "../pod/podRecord.ts";
import type { Candidate } from "./candidate.ts";
import { type Judgement, judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { type PodReport, reportOn } from "./podReport.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import type { SharedJudgements } from "./sharedJudgements.ts";

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

export function bookEntry(pod: PodRecord, rules: RolloutRules, judgements: SharedJudgements): BookEntry {
  const facts = podFacts(pod, rules);
  const judgement = judgements.of(judgePod(facts));
  return {
    pod,
    orderKey: rules.orderKey(pod),
    judgement,
    report: reportOn(facts, judgement.available),
    available: judgement.available && judgement.credibleAt === undefined,
    overdue: false,
  };
}
