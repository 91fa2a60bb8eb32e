import { OrderedQueue } from "./orderedQueue.ts";

/** What is to happen at points of a virtual time; what falls on one moment comes in the order in which it was added. */
export class VirtualEvents<T> {
  readonly #times = new OrderedQueue<number>({ compare: (first, second) => first - second, keyOf: Number });
  readonly #at = new Map<number, T[]>();

  add(time: number, event: T): void {
    const events = this.#at.get(time);
    if (events) {
      events.push(event);
      return;
    }
    this.#at.set(time, [event]);
    this.#times.add(time);
  }

  /** Time of the next event; undefined: there is none. */
  get next(): number | undefined {
    for (const time of this.#times) return time;
    return undefined;
  }

  /** Takes out what is due. */
  take(now: number): readonly T[] {
    const due: T[] = [];
    for (let time = this.next; time !== undefined && time <= now; time = this.next) {
      // One by one: a whole fleet may be due, and a call takes only so many arguments.
      for (const event of this.#at.get(time) ?? []) due.push(event);
      this.#at.delete(time);
      this.#times.delete(time);
    }
    return due;
  }
}
