import type { PodRecord } from "../pod/podRecord.ts";
import { Heap } from "./heap.ts";
import type { PodOrder } from "./order.ts";
import { OrderedQueue } from "./orderedQueue.ts";

/** Whether one more pod of this one's workload may be taken. */
export type HasRoom = (pod: PodRecord) => boolean;

/** The candidates of one workload. */
interface Lane {
  readonly pods: OrderedQueue<PodRecord>;
  head: PodRecord;
  /** Its workload has room. */
  open: boolean;
}

/** A pod of a lane, and those behind it. */
interface Cursor {
  readonly next: PodRecord;
  readonly rest: Iterator<PodRecord>;
}

/**
 * Candidates in order, but a lane for each workload: the candidates of a workload that has no room are set aside together, however
 * many they are, and keep their order for the time when it has. A change costs as much as in a plain queue.
 */
export class OwnerQueue {
  readonly #order: PodOrder;
  readonly #lanes = new Map<string, Lane>();
  /** By their first pod. */
  readonly #open: OrderedQueue<Lane>;
  readonly #shut: OrderedQueue<Lane>;
  #size = 0;

  constructor(order: PodOrder) {
    this.#order = order;
    const byHead = (one: Lane, other: Lane) => order(one.head, other.head);
    this.#open = new OrderedQueue(byHead);
    this.#shut = new OrderedQueue(byHead);
  }

  /** Sorts each lane once. */
  static from(pods: readonly PodRecord[], order: PodOrder): OwnerQueue {
    const queue = new OwnerQueue(order);
    const byOwner = new Map<string, PodRecord[]>();
    for (const pod of pods) {
      const own = byOwner.get(pod.owner);
      if (own) own.push(pod);
      else byOwner.set(pod.owner, [pod]);
    }
    for (const [owner, own] of byOwner) queue.#openLane(owner, OrderedQueue.from(own, order));
    queue.#size = pods.length;
    return queue;
  }

  get size(): number {
    return this.#size;
  }

  owners(): Iterable<string> {
    return this.#lanes.keys();
  }

  add(pod: PodRecord): void {
    this.#size++;
    const lane = this.#lanes.get(pod.owner);
    if (!lane) {
      this.#openLane(pod.owner, OrderedQueue.from([pod], this.#order));
      return;
    }
    lane.pods.add(pod);
    if (this.#order(pod, lane.head) < 0) this.#moveHead(lane, pod);
  }

  /** @returns whether the pod was there */
  delete(pod: PodRecord): boolean {
    const lane = this.#lanes.get(pod.owner);
    if (!lane?.pods.delete(pod)) return false;
    this.#size--;
    if (this.#order(pod, lane.head) !== 0) return true;
    const head = firstOf(lane.pods);
    if (head) this.#moveHead(lane, head);
    else {
      this.#queueOf(lane).delete(lane);
      this.#lanes.delete(pod.owner);
    }
    return true;
  }

  /** Tells whether a workload has room. */
  setOpen(owner: string, open: boolean): void {
    const lane = this.#lanes.get(owner);
    if (!lane || lane.open === open) return;
    this.#queueOf(lane).delete(lane);
    lane.open = open;
    this.#queueOf(lane).add(lane);
  }

  /** Candidates of the workload. */
  sizeOf(owner: string): number {
    return this.#lanes.get(owner)?.pods.size ?? 0;
  }

  /** The first one of each workload that has no room, in order. */
  *setAside(): IterableIterator<PodRecord> {
    for (const { head } of this.#shut) yield head;
  }

  /** Those whose workload has room at the moment when they are asked for, in order. */
  *taking(hasRoom: HasRoom): IterableIterator<PodRecord> {
    const cursors = new Heap<Cursor>((one, other) => this.#order(one.next, other.next));
    const lanes = this.#open[Symbol.iterator]();
    let unopened = lanes.next();
    const enter = (rest: Iterator<PodRecord>) => {
      const { value, done } = rest.next();
      if (!done) cursors.add({ next: value, rest });
    };
    while (true) {
      const { least } = cursors;
      if (!unopened.done && (!least || this.#order(unopened.value.head, least.next) < 0)) {
        enter(unopened.value.pods[Symbol.iterator]());
        unopened = lanes.next();
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
  [Symbol.iterator](): Iterator<PodRecord> {
    const pods = [...this.#lanes.values()].flatMap((lane) => [...lane.pods]);
    return pods.sort(this.#order)[Symbol.iterator]();
  }

  /** @param pods at least one */
  #openLane(owner: string, pods: OrderedQueue<PodRecord>): void {
    const lane = { pods, head: firstOf(pods)!, open: true };
    this.#lanes.set(owner, lane);
    this.#open.add(lane);
  }

  #moveHead(lane: Lane, head: PodRecord): void {
    const queue = this.#queueOf(lane);
    queue.delete(lane);
    lane.head = head;
    queue.add(lane);
  }

  #queueOf({ open }: Lane): OrderedQueue<Lane> {
    return open ? this.#open : this.#shut;
  }
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
