import type { PodRecord } from "../pod/podRecord.ts";
import type { Result } from "../result.ts";
import type { RolloutBudget } from "./budget.ts";
import { type Candidate, keyOf } from "./candidate.ts";
import type { PassedOver } from "./candidates.ts";
import { podFacts } from "./podFacts.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import { upgradePatch } from "./upgradePatch.ts";
import type { Verdict } from "./verdict.ts";

export interface Queue {
  /** In the order in which they are upgraded. */
  readonly candidates: Iterable<Candidate>;
  readonly wave: ReadonlySet<Candidate>;
  readonly passedOver: PassedOver;
  /** An explanation when the strategy cannot be read. */
  readonly budget: Result<RolloutBudget, string>;
  readonly rules: RolloutRules;
}

/** What the candidates are told, who differ in their place in the queue alone. */
export function* queueVerdicts(queue: Queue): Iterable<readonly [key: string, verdict: Verdict]> {
  const { candidates, wave, passedOver, budget, rules } = queue;
  let rank = 0;
  let place = 0;
  for (const candidate of candidates) {
    const { pod } = candidate;
    const inWave = wave.has(candidate);
    const use = inWave ? undefined : passedOver.useOf(candidate);
    if (use) {
      yield [keyOf(candidate), { kind: "wait", because: "maxUnavailablePerOwner", owner: pod.owner, ...use }];
      continue;
    }
    if (!inWave) place++;
    yield [keyOf(candidate), inWave ? upgrade(pod, rules) : waiting(budget, rank, place)];
    rank++;
  }
}

function upgrade(pod: PodRecord, rules: RolloutRules): Verdict {
  const patch = upgradePatch(podFacts(pod, rules), { now: 0, latestRevision: "" });
  return { kind: "upgrade", changes: patch.ok ? patch.value.changes : [] };
}

function waiting(budget: Result<RolloutBudget, string>, rank: number, place: number): Verdict {
  if (!budget.ok) return { kind: "wait", because: "unreadableStrategy", message: budget.error };
  const { released, kept, used, limit } = budget.value;
  if (rank >= released) return { kind: "wait", because: "partition", rank: rank + 1, kept };
  return { kind: "wait", because: "maxUnavailable", used, limit, place };
}
