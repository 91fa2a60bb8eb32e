import type { PodRecord } from "../pod/podRecord.ts";
import type { IntOrPercent } from "../sidecarSet/sidecarSet.ts";
import { type Candidate, candidateOrdering, limitedBy } from "./candidate.ts";
import { OrderedQueue, type Ordering } from "./orderedQueue.ts";
import { OwnerLimits, type OwnerUse } from "./ownerLimits.ts";
import { type HasRoom, OwnerQueue } from "./ownerQueue.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import { type GroupPath, scattered } from "./scatter.ts";

/** A scatter group, or a part of one. */
interface Group<C extends Candidate> {
  /** Matched pods of the group, and the updated ones among them. */
  pods: number;
  updated: number;
  /** Where it is a part; undefined: it is the whole. */
  readonly whole: { readonly group: Group<C>; readonly name: string | null } | undefined;
  /** By the next key; none in a group that is not divided any further, which has the candidates. */
  readonly parts: Map<string | null, Group<C>>;
  readonly candidates: OrderedQueue<C> | OwnerQueue<C>;
}

/** Candidates that others do not wait for. */
export interface PassedOver<C extends Candidate = Candidate> {
  readonly count: number;
  /** Some of them in order, those of one workload by its first. */
  readonly first: () => readonly C[];
  /** What the candidate's workload may lose and has lost; undefined: it has room. */
  readonly useOf: (candidate: Candidate) => OwnerUse | undefined;
}

export const NOBODY: PassedOver<never> = { count: 0, first: () => [], useOf: () => undefined };

/**
 * The pods that may be upgraded next, in the order that the set's strategy asks for: one queue, or one per scatter group. Where the
 * strategy limits what one workload may lose, those of a workload that has no room are passed over.
 */
export class Candidates<C extends Candidate> {
  readonly #groupOf: RolloutRules["groupOf"];
  readonly #ordering: Ordering<Candidate>;
  readonly #owners: OwnerLimits | undefined;
  readonly #root: Group<C>;
  /** A pod is asked for several times in a row. */
  #lastAsked: PodRecord | undefined;
  #lastFound: Group<C>;
  /** The queues in which a workload has candidates, or had some. */
  readonly #queuesOf = new Map<string, Set<OwnerQueue<C>>>();
  /** The workloads that have no room, and how many candidates they have. */
  readonly #full = new Set<string>();
  #setAside = 0;
  #size = 0;

  constructor(rules: RolloutRules) {
    this.#groupOf = rules.groupOf;
    this.#ordering = candidateOrdering(rules);
    this.#owners = ownerLimits(rules.set.spec.updateStrategy.maxUnavailablePerOwner);
    this.#root = this.#newGroup();
    this.#lastFound = this.#root;
  }

  /** Those that are passed over included. */
  get size(): number {
    return this.#size;
  }

  add(candidate: C): void {
    const owner = limitedBy(candidate);
    const { candidates } = this.#group(candidate.pod);
    candidates.add(candidate);
    this.#size++;
    if (!(candidates instanceof OwnerQueue)) return;
    if (candidates.sizeOf(owner) === 1) this.#enterLane(candidates, owner);
    else if (this.#full.has(owner)) this.#setAside++;
  }

  delete(candidate: C): void {
    if (!this.#group(candidate.pod).candidates.delete(candidate)) return;
    this.#size--;
    if (this.#full.has(limitedBy(candidate))) this.#setAside--;
  }

  /** Keeps the shares right: a matched pod, updated or not, comes or goes. */
  count(pod: PodRecord, updated: boolean, by: 1 | -1): void {
    for (let group: Group<C> | undefined = this.#group(pod); group; group = group.whole?.group) {
      group.pods += by;
      if (updated) group.updated += by;
      if (group.pods === 0 && group.candidates.size === 0) this.#drop(group);
    }
    if (!this.#owners) return;
    this.#owners.count(pod.owner, by);
    this.#tellRoom(pod.owner);
  }

  /** An updated pod is not available, or is again. */
  hold({ owner }: PodRecord, by: 1 | -1): void {
    if (!this.#owners) return;
    this.#owners.hold(owner, by);
    this.#tellRoom(owner);
  }

  /** The candidates that wait only because their workload has no room, once these are taken. */
  passedOver(wave: readonly C[]): PassedOver<C> {
    const owners = this.#owners;
    if (!owners) return NOBODY;
    const taken = new Map<string, number>();
    for (const owner of wave.map(limitedBy)) taken.set(owner, (taken.get(owner) ?? 0) + 1);
    const useOf = (owner: string): OwnerUse => {
      const { used, limit } = owners.use(owner);
      return { used: used + (taken.get(owner) ?? 0), limit };
    };
    const isFull = (owner: string) => owner !== "" && useOf(owner).used >= useOf(owner).limit;
    const filled = [...taken].filter(([owner]) => isFull(owner));
    return {
      count: filled.reduce((sum, [owner, gone]) => sum + this.#sizeOf(owner) - gone, this.#setAside),
      first: () =>
        leavesOf(this.#root)
          .flatMap((queue) => firstOf(queue.setAside()))
          .sort(this.#ordering.compare),
      useOf: (candidate) => (isFull(limitedBy(candidate)) ? useOf(limitedBy(candidate)) : undefined),
    };
  }

  /** In the order in which they would be taken now, each as if those before it were. */
  *[Symbol.iterator](): IterableIterator<C> {
    const owners = this.#owners;
    if (!owners) {
      yield* this.#inTurn(this.#root);
      return;
    }
    const taken = new Map<string, number>();
    const takenOf = (owner: string) => taken.get(owner) ?? 0;
    const hasRoom: HasRoom<C> = (candidate) => takenOf(limitedBy(candidate)) < owners.free(limitedBy(candidate));
    for (const candidate of this.#inTurn(this.#root, hasRoom)) {
      const owner = limitedBy(candidate);
      taken.set(owner, takenOf(owner) + 1);
      yield candidate;
    }
  }

  /** All of them, in the order in which they would be taken if no workload were limited. */
  inOrder(): Iterable<C> {
    return this.#inTurn(this.#root);
  }

  #inTurn({ parts, candidates }: Group<C>, hasRoom?: HasRoom<C>): Iterable<C> {
    if (parts.size === 0) {
      return hasRoom && candidates instanceof OwnerQueue ? candidates.taking(hasRoom) : candidates;
    }
    const groups = [...parts.values()].map((part) => ({
      pods: part.pods,
      updated: part.updated,
      candidates: this.#inTurn(part, hasRoom),
    }));
    return groups.length === 1 ? groups[0]!.candidates : scattered(groups, this.#ordering.compare, hasRoom);
  }

  /** A workload has candidates in a queue where it had none. */
  #enterLane(queue: OwnerQueue<C>, owner: string): void {
    const queues = this.#queuesOf.get(owner);
    if (queues) queues.add(queue);
    else this.#queuesOf.set(owner, new Set([queue]));
    if (!this.#full.has(owner)) return;
    queue.setOpen(owner, false);
    this.#setAside += queue.sizeOf(owner);
  }

  /** After the account of the workload has changed. */
  #tellRoom(owner: string): void {
    if (!this.#owners) return;
    const open = this.#owners.free(owner) > 0;
    if (open === this.#full.has(owner)) {
      if (open) this.#full.delete(owner);
      else this.#full.add(owner);
      this.#setAside += (open ? -1 : 1) * this.#sizeOf(owner);
      for (const queue of this.#queuesOf.get(owner) ?? []) queue.setOpen(owner, open);
    }
    if (!this.#owners.has(owner)) this.#queuesOf.delete(owner);
  }

  #sizeOf(owner: string): number {
    return [...(this.#queuesOf.get(owner) ?? [])].reduce((sum, queue) => sum + queue.sizeOf(owner), 0);
  }

  /** That has the pod's candidates. */
  #group(pod: PodRecord): Group<C> {
    if (this.#lastAsked === pod) return this.#lastFound;
    let group = this.#root;
    for (const name of this.#groupOf?.(pod) ?? UNDIVIDED) group = this.#partOf(group, name);
    this.#lastAsked = pod;
    this.#lastFound = group;
    return group;
  }

  #drop({ whole }: Group<C>): void {
    whole?.group.parts.delete(whole.name);
    this.#lastAsked = undefined;
  }

  #partOf(group: Group<C>, name: string | null): Group<C> {
    const known = group.parts.get(name);
    if (known) return known;
    const part = this.#newGroup({ group, name });
    group.parts.set(name, part);
    return part;
  }

  #newGroup(whole?: Group<C>["whole"]): Group<C> {
    const Queue = this.#owners ? OwnerQueue<C> : OrderedQueue<C>;
    return { pods: 0, updated: 0, whole, parts: new Map(), candidates: new Queue(this.#ordering) };
  }
}

const UNDIVIDED: GroupPath = [];

function ownerLimits(perOwner: IntOrPercent | undefined): OwnerLimits | undefined {
  return perOwner === undefined ? undefined : new OwnerLimits(perOwner);
}

function leavesOf<C extends Candidate>({ parts, candidates }: Group<C>): readonly OwnerQueue<C>[] {
  if (parts.size > 0) return [...parts.values()].flatMap((part) => leavesOf(part));
  return candidates instanceof OwnerQueue ? [candidates] : [];
}

/** As many as an example needs. */
function firstOf<C>(candidates: Iterable<C>): readonly C[] {
  const first: C[] = [];
  for (const candidate of candidates) {
    first.push(candidate);
    if (first.length === 3) break;
  }
  return first;
}
