import { OrderedQueue } from "./orderedQueue.ts";

/** What has a deadline, by the time of it. Times are whole seconds of some minutes, so that a large fleet has few of them. */
export class Deadlines<T> {
  readonly #times = new OrderedQueue<number>({ compare: (one, other) => one - other, keyOf: Number });
  readonly #at = new Map<number, Set<T>>();

  add(time: number, item: T): void {
    const items = this.#at.get(time);
    if (items) {
      items.add(item);
      return;
    }
    this.#at.set(time, new Set([item]));
    this.#times.add(time);
  }

  delete(time: number, item: T): void {
    const items = this.#at.get(time);
    items?.delete(item);
    if (items?.size !== 0) return;
    this.#at.delete(time);
    this.#times.delete(time);
  }

  /** Time of the nearest one; undefined: there is none. */
  get next(): number | undefined {
    for (const time of this.#times) return time;
    return undefined;
  }

  /** Whose deadline has passed; they stay until they are deleted. */
  passedAt(now: number): readonly T[] {
    const passed: T[] = [];
    for (const time of this.#times) {
      if (time > now) break;
      for (const item of this.#at.get(time)!) passed.push(item);
    }
    return passed;
  }
}
