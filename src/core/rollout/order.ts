import { compareUtf8 } from "../kube/goJson.ts";
import type { PodRecord } from "../pod/podRecord.ts";

/** Negative: the first pod is upgraded before the second. */
export type PodOrder = (first: PodRecord, second: PodRecord) => number;

/**
 * Least harm first: pods that serve nobody (not scheduled, not running, not ready), then those that have served for the shortest
 * time. Pods that tell no difference compare equal.
 */
export const defaultOrder: PodOrder = (first, second) =>
  // One expression instead of a list: a million pods are compared some twenty million times.
  scheduled(first) - scheduled(second) ||
  phaseRank(first) - phaseRank(second) ||
  Number(first.ready) - Number(second.ready) ||
  (first.ready ? newestFirst(first.readySince, second.readySince) : 0) ||
  second.restarts - first.restarts ||
  second.nativeRestarts - first.nativeRestarts ||
  newestFirst(first.createdAt, second.createdAt);

/** A number that is smaller where {@link defaultOrder} puts a pod before another; equal where it takes more to tell. */
export function defaultOrderKey(pod: PodRecord): number {
  const rank = scheduled(pod) * 6 + phaseRank(pod) * 2 + Number(pod.ready);
  if (!pod.ready || pod.readySince === undefined) return rank * 2 * LATEST;
  return rank * 2 * LATEST + Math.min(Math.max(LATEST - pod.readySince, 0), LATEST);
}

/** Milliseconds since the epoch; later times are told apart by the order alone. */
const LATEST = 2 ** 42;

/** Orders one after the other, made total by the pods' names: equal input gives equal waves. */
export function inOrder(orders: readonly PodOrder[]): PodOrder {
  const [only, ...others] = orders;
  if (only && others.length === 0) return (first, second) => only(first, second) || byName(first, second);
  const all = [...orders, byName];
  return (first, second) => {
    for (const compare of all) {
      const difference = compare(first, second);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

export const byName: PodOrder = (first, second) =>
  compareUtf8(first.namespace, second.namespace) || compareUtf8(first.name, second.name);

function scheduled({ nodeName }: PodRecord): 0 | 1 {
  return nodeName === "" ? 0 : 1;
}

function phaseRank({ phase }: PodRecord): number {
  return phase === "Running" ? 2 : phase === "Unknown" ? 1 : 0;
}

/** An unknown time counts as the newest. */
function newestFirst(first: number | undefined, second: number | undefined): number {
  if (first === second) return 0;
  if (first === undefined) return -1;
  if (second === undefined) return 1;
  return second - first;
}
