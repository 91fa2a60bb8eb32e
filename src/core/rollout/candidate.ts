import { type PodName, type PodRecord, podKey } from "../pod/podRecord.ts";
import type { Ordering } from "./orderedQueue.ts";
import type { RolloutRules } from "./rolloutRules.ts";

/** A pod that may be upgraded, whatever else is known of it. Another state of the pod is another candidate, unless its place is the same. */
export interface Candidate {
  readonly pod: PodRecord;
}

/** The order that the set's strategy asks for. */
export function candidateOrdering({ order, orderKey }: Pick<RolloutRules, "order" | "orderKey">): Ordering<Candidate> {
  return {
    compare: (one, other) => order(one.pod, other.pod),
    keyOf: orderKey && (({ pod }) => orderKey(pod)),
  };
}

export function keyOf({ pod }: { readonly pod: PodName }): string {
  return podKey(pod);
}
