import type { PodRecord } from "../pod/podRecord.ts";
import { OrderedQueue } from "./orderedQueue.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import { scattered } from "./scatter.ts";

interface Group {
  readonly name: string;
  candidates: OrderedQueue<PodRecord>;
  /** Matched pods of the group, and the updated ones among them. */
  pods: number;
  updated: number;
}

/** The pods that may be upgraded next, in the order that the set's strategy asks for: one queue, or one per scatter group. */
export class Candidates {
  readonly #rules: RolloutRules;
  readonly #groups = new Map<string, Group>();
  #size = 0;

  constructor(rules: RolloutRules) {
    this.#rules = rules;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds all at once, which is faster than one by one. Only for a new object. */
  fill(pods: readonly PodRecord[]): void {
    const byGroup = new Map<Group, PodRecord[]>();
    for (const pod of pods) {
      const group = this.#group(pod);
      const members = byGroup.get(group);
      if (members) members.push(pod);
      else byGroup.set(group, [pod]);
    }
    for (const [group, members] of byGroup) group.candidates = OrderedQueue.from(members, this.#rules.order);
    this.#size = pods.length;
  }

  add(pod: PodRecord): void {
    this.#group(pod).candidates.add(pod);
    this.#size++;
  }

  delete(pod: PodRecord): void {
    if (this.#group(pod).candidates.delete(pod)) this.#size--;
  }

  /** Keeps the shares right: a matched pod, updated or not, comes or goes. */
  count(pod: PodRecord, updated: boolean, by: 1 | -1): void {
    const group = this.#group(pod);
    group.pods += by;
    if (updated) group.updated += by;
    if (group.pods === 0 && group.candidates.size === 0) this.#groups.delete(group.name);
  }

  [Symbol.iterator](): Iterator<PodRecord> {
    const groups = [...this.#groups.values()];
    return groups.length === 1 ? groups[0]!.candidates[Symbol.iterator]() : scattered(groups, this.#rules.order);
  }

  #group(pod: PodRecord): Group {
    const name = this.#rules.groupOf?.(pod) ?? "";
    const known = this.#groups.get(name);
    if (known) return known;
    const group: Group = { name, candidates: new OrderedQueue(this.#rules.order), pods: 0, updated: 0 };
    this.#groups.set(name, group);
    return group;
  }
}
