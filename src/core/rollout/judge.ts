import type { PodRecord } from "../pod/podRecord.ts";
import { FamiliarPods, type Judged } from "./familiarPods.ts";
import { judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { reportOn } from "./podReport.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import { SharedJudgements } from "./sharedJudgements.ts";

/** Judges pods one after the other, and remembers a little of what it said of the last ones. */
export class Judge {
  readonly #rules: RolloutRules;
  readonly #familiar: FamiliarPods;
  readonly #judgements = new SharedJudgements();

  constructor(rules: RolloutRules) {
    this.#rules = rules;
    this.#familiar = new FamiliarPods(rules);
  }

  of(pod: PodRecord): Judged {
    return this.#familiar.find(pod) ?? this.#asNew(pod);
  }

  #asNew(pod: PodRecord): Judged {
    const facts = podFacts(pod, this.#rules);
    const judgement = this.#judgements.of(judgePod(facts));
    const judged = { judgement, report: reportOn(facts, judgement.available) };
    this.#familiar.add(pod, judged);
    return judged;
  }
}
