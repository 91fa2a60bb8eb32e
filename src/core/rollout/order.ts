import { compareUtf8 } from "../kube/goJson.ts";
import type { PodRecord } from "../pod/podRecord.ts";

/** Negative: the first pod is upgraded before the second. */
export type PodOrder = (first: PodRecord, second: PodRecord) => number;

/**
 * Least harm first: pods that serve nobody (not scheduled, not running, not ready), then those that have served for the shortest
 * time. Pods that tell no difference compare equal.
 */
export const defaultOrder: PodOrder = (first, second) => {
  for (const compare of DEFAULT_ORDER) {
    const difference = compare(first, second);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** Orders one after the other, made total by the pods' names: equal input gives equal waves. */
export function inOrder(orders: readonly PodOrder[]): PodOrder {
  const all = [...orders, byName];
  return (first, second) => {
    for (const compare of all) {
      const difference = compare(first, second);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

const byName: PodOrder = (first, second) =>
  compareUtf8(first.namespace, second.namespace) || compareUtf8(first.name, second.name);

const DEFAULT_ORDER: readonly PodOrder[] = [
  ascending((pod) => (pod.nodeName === "" ? 0 : 1)),
  ascending((pod) => PHASE_RANK[pod.phase] ?? 0),
  ascending((pod) => (pod.ready ? 1 : 0)),
  (first, second) => (first.ready && second.ready ? newestFirst(first.readySince, second.readySince) : 0),
  ascending((pod) => -pod.restarts),
  ascending((pod) => -pod.nativeRestarts),
  (first, second) => newestFirst(first.createdAt, second.createdAt),
];

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

function ascending(key: (pod: PodRecord) => number): PodOrder {
  return (first, second) => key(first) - key(second);
}

/** An unknown time counts as the newest. */
function newestFirst(first: number | undefined, second: number | undefined): number {
  if (first === second) return 0;
  if (first === undefined) return -1;
  if (second === undefined) return 1;
  return second - first;
}
