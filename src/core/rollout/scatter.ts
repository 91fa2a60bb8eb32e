import type { PodRecord } from "../pod/podRecord.ts";
import type { ScatterTerm } from "../sidecarSet/sidecarSet.ts";
import { Heap } from "./heap.ts";

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
  const levels = [...wanted];
  return ({ labels }) => levels.map((level) => partOf(labels[level[0]], level[1]));
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
  /** Pods of the group that are updated, or taken before. */
  readonly served: number;
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
  const early = new Heap<Turn<T>>((one, other) => one.release - other.release || order(one.next, other.next));
  const due = new Heap<Turn<T>>((one, other) => one.deadline - other.deadline || order(one.next, other.next));
  const enter = (group: ScatterGroup<T>, rest: Iterator<T>, served: number) => {
    const { value, done } = rest.next();
    if (done) return;
    // Products first: the quotient of two whole numbers is exact where it is whole, the product with a rounded quotient is not.
    const release = Math.floor((served * all) / group.pods) + 1;
    const deadline = Math.ceil(((served + 1) * all) / group.pods);
    early.add({ group, rest, served, next: value, release, deadline });
  };
  for (const group of groups) enter(group, group.candidates[Symbol.iterator](), group.updated);
  while (early.size + due.size > 0) {
    step++;
    for (let head = early.least; head && head.release <= step; head = early.least) due.add(early.take()!);
    const { group, rest, served, next } = due.take() ?? early.take()!;
    if (!mayTake(next)) {
      step--;
      enter(group, rest, served);
      continue;
    }
    yield next;
    enter(group, rest, served + 1);
  }
}
