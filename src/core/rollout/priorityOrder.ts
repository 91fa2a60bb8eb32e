import { compileSelector, type LabelSelector } from "../kube/labelSelector.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import type { PriorityStrategy } from "../sidecarSet/sidecarSet.ts";
import type { PodOrder } from "./order.ts";

/** The order a user asks for; weights win over keys when both are given. */
export function priorityOrder({ weightPriority, orderPriority }: PriorityStrategy): PodOrder {
  if (weightPriority && weightPriority.length > 0) return byWeight(weightPriority);
  if (orderPriority && orderPriority.length > 0)
    return byOrderedKeys(orderPriority.map(({ orderedKey }) => orderedKey));
  return () => 0;
}

/** A pod weighs the sum of the terms that match it; heavier first. A term whose selector cannot be read matches nothing. */
function byWeight(terms: NonNullable<PriorityStrategy["weightPriority"]>): PodOrder {
  const compiled = terms.map(({ weight, matchSelector }) => ({ weight, matches: matcher(matchSelector) }));
  const weightOf = ({ labels }: PodRecord) =>
    compiled.reduce((sum, { weight, matches }) => (matches(labels) ? sum + weight : sum), 0);
  return (first, second) => weightOf(second) - weightOf(first);
}

function matcher(selector: LabelSelector | undefined): (labels: PodRecord["labels"]) => boolean {
  if (!selector) return () => true;
  const result = compileSelector(selector);
  return result.ok ? result.value.matches : () => false;
}

/**
 * Pods without any of the keys come first (existing clusters rely on it), then those with the first key, and so on; within a key the
 * larger number at the end of the label's value first.
 */
function byOrderedKeys(keys: readonly string[]): PodOrder {
  const levelOf = ({ labels }: PodRecord) => keys.findIndex((key) => labels[key] !== undefined);
  return (first, second) => {
    const level = levelOf(first);
    const difference = level - levelOf(second);
    if (difference !== 0 || level === -1) return difference;
    const key = keys[level]!;
    const [one, other] = [trailingNumber(first.labels[key]!), trailingNumber(second.labels[key]!)];
    return one < other ? 1 : one > other ? -1 : 0;
  };
}

const LARGEST = 2n ** 63n - 1n;

/** `sts-10` → 10; no digits, or more than 64 bits hold: 0. */
function trailingNumber(text: string): bigint {
  const digits = /[0-9]*$/.exec(text)![0];
  const number = digits === "" ? 0n : BigInt(digits);
  return number > LARGEST ? 0n : number;
}
