import { jsonEqual } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Judgement } from "./judgePod.ts";

/** What is said of the pods of a fleet is said of nearly all of them: equal judgements are one object, and a million of them take no memory. */
export class SharedJudgements {
  readonly #recent: Judgement[] = [];
  #oldest = 0;

  of(judgement: Judgement): Judgement {
    for (const known of this.#recent) if (isSame(known, judgement)) return known;
    this.#recent[this.#oldest] = judgement;
    this.#oldest = (this.#oldest + 1) % MOST;
    return judgement;
  }
}

/** A fleet in the middle of its rollout has hardly more. */
const MOST = 6;

function isSame(one: Judgement, other: Judgement): boolean {
  return (
    one.updated === other.updated &&
    one.available === other.available &&
    one.revision === other.revision &&
    one.counts === other.counts &&
    one.selected === other.selected &&
    one.credibleAt === other.credibleAt &&
    one.inFlight === other.inFlight &&
    one.ready === other.ready &&
    one.flips === other.flips &&
    one.upgradable === other.upgradable &&
    (one.settled === other.settled || jsonEqual(one.settled as Json | undefined, other.settled as Json | undefined))
  );
}
