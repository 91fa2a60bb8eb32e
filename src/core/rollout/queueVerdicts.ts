import { type PodRecord, podKey } from "../pod/podRecord.ts";
import type { Result } from "../result.ts";
import type { RolloutBudget } from "./budget.ts";
import type { PassedOver } from "./candidates.ts";
import type { Verdict } from "./verdict.ts";

export interface Queue {
  /** In the order in which they are upgraded. */
  readonly candidates: Iterable<PodRecord>;
  readonly wave: ReadonlySet<PodRecord>;
  readonly passedOver: PassedOver;
  /** An explanation when the strategy cannot be read. */
  readonly budget: Result<RolloutBudget, string>;
  /** The verdict on a pod of the wave. */
  readonly upgrade: (pod: PodRecord) => Verdict;
}

/** What the candidates are told, who differ in their place in the queue alone. */
export function* queueVerdicts(queue: Queue): Iterable<readonly [key: string, verdict: Verdict]> {
  const { candidates, wave, passedOver, budget, upgrade } = queue;
  let rank = 0;
  let place = 0;
  for (const pod of candidates) {
    const inWave = wave.has(pod);
    const use = inWave ? undefined : passedOver.useOf(pod);
    if (use) {
      yield [podKey(pod), { kind: "wait", because: "maxUnavailablePerOwner", owner: pod.owner, ...use }];
      continue;
    }
    if (!inWave) place++;
    yield [podKey(pod), inWave ? upgrade(pod) : waiting(budget, rank, place)];
    rank++;
  }
}

function waiting(budget: Result<RolloutBudget, string>, rank: number, place: number): Verdict {
  if (!budget.ok) return { kind: "wait", because: "unreadableStrategy", message: budget.error };
  const { released, kept, used, limit } = budget.value;
  if (rank >= released) return { kind: "wait", because: "partition", rank: rank + 1, kept };
  return { kind: "wait", because: "maxUnavailable", used, limit, place };
}
