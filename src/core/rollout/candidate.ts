import { type PodName, type PodRecord, podKey } from "../pod/podRecord.ts";
import type { Ordering } from "./orderedQueue.ts";
import type { RolloutRules } from "./rolloutRules.ts";

/** A pod that may be upgraded, whatever else is known of it. Another state of the pod is another candidate, unless its place is the same. */
export interface Candidate {
  readonly pod: PodRecord;
  /** The rules' {@link RolloutRules.orderKey} of the pod: kept, so that its place is found without a look at the pod. 0: only the order can tell. */
  readonly orderKey: number;
  /** In flight: an earlier upgrade holds the pod down still. */
  readonly judgement?: { readonly inFlight: boolean };
}

/**
 * Uid of the workload that needs room for the pod to be taken; empty: none. A pod that is down by an earlier upgrade uses up its
 * room already, and must not wait for itself: what is to come may be what mends it.
 */
export function limitedBy({ pod, judgement }: Candidate): string {
  return judgement?.inFlight ? "" : pod.owner;
}

/** The order that the set's strategy asks for. */
export function candidateOrdering({ order }: Pick<RolloutRules, "order">): Ordering<Candidate> {
  return {
    compare: (one, other) => one.orderKey - other.orderKey || order(one.pod, other.pod),
    keyOf: ({ orderKey }) => orderKey,
  };
}

export function keyOf({ pod }: { readonly pod: PodName }): string {
  return podKey(pod);
}
