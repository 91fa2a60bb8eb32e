import type { PodRecord } from "../pod/podRecord.ts";
import type { ScatterTerm } from "../sidecarSet/sidecarSet.ts";
import { OrderedQueue } from "./orderedQueue.ts";

/** Which group a pod belongs to by each key, in the order of the keys; null: it is one of the others. */
export type GroupPath = readonly (string | null)[];

/**
 * Groups within groups: those of a second key share what each group of the first key has.
 * @returns undefined when there is nothing to scatter by
 */
export function scatterGroups(terms: readonly ScatterTerm[]): ((pod: PodRecord) => GroupPath) | undefined {
  if (terms.length === 0) return undefined;
  const wanted = new Map<string, "every" | Set<string>>();
  for (const { key, value } of terms) {
    const known = wanted.get(key);
    if (value === undefined || value === "*") wanted.set(key, "every");
    else if (known !== "every") wanted.set(key, new Set([...(known ?? []), value]));
  }
  return (pod) => [...wanted].map(([key, values]) => partOf(pod.labels[key], values));
}

/** The label's value where the terms ask for it; a missing label reads as an empty one; null: one of the others. */
function partOf(label: string | undefined, wanted: "every" | ReadonlySet<string>): string | null {
  if (wanted === "every") return label ?? null;
  return wanted.has(label ?? "") ? (label ?? "") : null;
}

/** A group of candidates, with what its share is reckoned from. */
export interface ScatterGroup<T> {
  /** In the order in which they are taken. */
  readonly candidates: Iterable<T>;
  /** Pods of the group, and how many of them are updated. */
  readonly pods: number;
  readonly updated: number;
}

interface Turn<T> {
  readonly group: ScatterGroup<T>;
  readonly rest: Iterator<T>;
  readonly next: T;
  /** Number of the step from which the group's next pod may come, and by which it should have come. */
  readonly release: number;
  readonly deadline: number;
}

/**
 * Takes candidates so that after every step each group has had its share of the updated pods, to within one pod: the chairman
 * assignment of Tijdeman (1980). In step k the groups may come whose share k · pods/all has reached the next pod; of these the one
 * whose deadline is nearest. Groups that are behind from earlier are overdue and come first.
 * @param order total; between groups whose turn it is equally, the better candidate decides
 * @param mayTake asked when it is a candidate's turn; one that may not be taken is passed over and does not count for its group
 */
export function* scattered<T>(
  groups: readonly ScatterGroup<T>[],
  order: (one: T, other: T) => number,
  mayTake: (candidate: T) => boolean = () => true,
): IterableIterator<T> {
  const all = groups.reduce((sum, { pods }) => sum + pods, 0);
  let step = groups.reduce((sum, { updated }) => sum + updated, 0);
  const early = new OrderedQueue<Turn<T>>((one, other) => one.release - other.release || order(one.next, other.next));
  const due = new OrderedQueue<Turn<T>>((one, other) => one.deadline - other.deadline || order(one.next, other.next));
  const enter = (group: ScatterGroup<T>, rest: Iterator<T>, served: number) => {
    const { value, done } = rest.next();
    if (done) return;
    // Products first: the quotient of two whole numbers is exact where it is whole, the product with a rounded quotient is not.
    early.add({
      group,
      rest,
      next: value,
      release: Math.floor((served * all) / group.pods) + 1,
      deadline: Math.ceil(((served + 1) * all) / group.pods),
    });
  };
  const served = new Map<ScatterGroup<T>, number>();
  for (const group of groups) enter(group, group.candidates[Symbol.iterator](), group.updated);
  while (early.size + due.size > 0) {
    step++;
    for (let head = first(early); head && head.release <= step; head = first(early)) {
      early.delete(head);
      due.add(head);
    }
    const turn = first(due) ?? first(early)!;
    if (!due.delete(turn)) early.delete(turn);
    const before = served.get(turn.group) ?? turn.group.updated;
    if (!mayTake(turn.next)) {
      step--;
      enter(turn.group, turn.rest, before);
      continue;
    }
    served.set(turn.group, before + 1);
    yield turn.next;
    enter(turn.group, turn.rest, before + 1);
  }
}

function first<T>(queue: Iterable<T>): T | undefined {
  for (const item of queue) return item;
  return undefined;
}
