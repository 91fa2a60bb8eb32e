/** Hands out the least of what it holds: a binary heap. */
export class Heap<T> {
  readonly #compare: (one: T, other: T) => number;
  readonly #items: T[] = [];

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least, left where it is. */
  get least(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#compare(items[above]!, item) <= 0) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  /** The least, taken out. */
  take(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return least;
    let at = 0;
    for (let below = 1; below < items.length; below = 2 * at + 1) {
      const right = below + 1;
      if (right < items.length && this.#compare(items[right]!, items[below]!) < 0) below = right;
      if (this.#compare(last, items[below]!) <= 0) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return least;
  }
}
