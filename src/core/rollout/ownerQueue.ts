import { type Candidate, limitedBy } from "./candidate.ts";
import { Heap } from "./heap.ts";
import { OrderedQueue, type Ordering } from "./orderedQueue.ts";

/** Whether one more pod of this one's workload may be taken. */
export type HasRoom<C> = (candidate: C) => boolean;

/** The candidates of one workload. */
interface Lane<C> {
  readonly candidates: OrderedQueue<C>;
  head: C;
  /** Its workload has room. */
  open: boolean;
}

/** A candidate of a lane, and those behind it. */
interface Cursor<C> {
  readonly next: C;
  readonly rest: Iterator<C>;
}

/**
 * Candidates in order, but a lane for each workload: the candidates of a workload that has no room are set aside together, however
 * many they are, and keep their order for the time when it has. A change costs as much as in a plain queue.
 */
export class OwnerQueue<C extends Candidate> {
  readonly #ordering: Ordering<Candidate>;
  readonly #lanes = new Map<string, Lane<C>>();
  /** The first candidate of each lane. */
  readonly #openHeads: OrderedQueue<C>;
  readonly #shutHeads: OrderedQueue<C>;
  #size = 0;

  constructor(ordering: Ordering<Candidate>) {
    this.#ordering = ordering;
    this.#openHeads = new OrderedQueue<C>(ordering);
    this.#shutHeads = new OrderedQueue<C>(ordering);
  }

  get size(): number {
    return this.#size;
  }

  add(candidate: C): void {
    this.#size++;
    const lane = this.#lanes.get(limitedBy(candidate));
    if (!lane) this.#openLane(candidate);
    else {
      lane.candidates.add(candidate);
      if (this.#ordering.compare(candidate, lane.head) < 0) this.#moveHead(lane, candidate);
    }
  }

  /** @returns whether the candidate was there */
  delete(candidate: C): boolean {
    const owner = limitedBy(candidate);
    const lane = this.#lanes.get(owner);
    if (!lane?.candidates.delete(candidate)) return false;
    this.#size--;
    if (candidate !== lane.head) return true;
    const head = firstOf(lane.candidates);
    if (head) this.#moveHead(lane, head);
    else {
      this.#headsOf(lane).delete(candidate);
      this.#lanes.delete(owner);
    }
    return true;
  }

  /** Tells whether a workload has room. */
  setOpen(owner: string, open: boolean): void {
    const lane = this.#lanes.get(owner);
    if (!lane || lane.open === open) return;
    this.#headsOf(lane).delete(lane.head);
    lane.open = open;
    this.#headsOf(lane).add(lane.head);
  }

  /** Candidates of the workload. */
  sizeOf(owner: string): number {
    return this.#lanes.get(owner)?.candidates.size ?? 0;
  }

  /** The first one of each workload that has no room, in order. */
  setAside(): Iterable<C> {
    return this.#shutHeads;
  }

  /** Those whose workload has room at the moment when they are asked for, in order. */
  *taking(hasRoom: HasRoom<C>): IterableIterator<C> {
    const { compare } = this.#ordering;
    const cursors = new Heap<Cursor<C>>((one, other) => compare(one.next, other.next));
    const heads = this.#openHeads[Symbol.iterator]();
    let unopened = heads.next();
    const enter = (rest: Iterator<C>) => {
      const { value, done } = rest.next();
      if (!done) cursors.add({ next: value, rest });
    };
    while (true) {
      const { least } = cursors;
      if (!unopened.done && (!least || compare(unopened.value, least.next) < 0)) {
        enter(this.#lanes.get(limitedBy(unopened.value))!.candidates[Symbol.iterator]());
        unopened = heads.next();
        continue;
      }
      const cursor = cursors.take();
      if (!cursor) return;
      if (!hasRoom(cursor.next)) continue;
      yield cursor.next;
      if (hasRoom(cursor.next)) enter(cursor.rest);
    }
  }

  /** All of them in order, also those that are set aside. Sorts them anew. */
  [Symbol.iterator](): Iterator<C> {
    const all = [...this.#lanes.values()].flatMap((lane) => [...lane.candidates]);
    return all.sort(this.#ordering.compare)[Symbol.iterator]();
  }

  #openLane(head: C): void {
    const candidates = new OrderedQueue<C>(this.#ordering);
    candidates.add(head);
    this.#lanes.set(limitedBy(head), { candidates, head, open: true });
    this.#openHeads.add(head);
  }

  #moveHead(lane: Lane<C>, head: C): void {
    const heads = this.#headsOf(lane);
    heads.delete(lane.head);
    lane.head = head;
    heads.add(head);
  }

  #headsOf({ open }: Lane<C>): OrderedQueue<C> {
    return open ? this.#openHeads : this.#shutHeads;
  }
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
