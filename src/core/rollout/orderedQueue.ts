/**
 * A sorted collection that changes in O(log n) comparisons plus a move inside one small block. The order must be total: two items
 * that compare as equal are the same item.
 */
export class OrderedQueue<T> {
  readonly #compare: (first: T, second: T) => number;
  readonly #blocks: T[][] = [];
  #size = 0;

  constructor(compare: (first: T, second: T) => number) {
    this.#compare = compare;
  }

  /** Sorts once instead of inserting one by one. */
  static from<T>(items: readonly T[], compare: (first: T, second: T) => number): OrderedQueue<T> {
    const queue = new OrderedQueue<T>(compare);
    const sorted = items.toSorted(compare);
    for (let at = 0; at < sorted.length; at += HALF_BLOCK) queue.#blocks.push(sorted.slice(at, at + HALF_BLOCK));
    queue.#size = sorted.length;
    return queue;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const index = Math.min(this.#blockOf(item), Math.max(0, this.#blocks.length - 1));
    const block = this.#blocks[index];
    this.#size++;
    if (!block) {
      this.#blocks.push([item]);
      return;
    }
    block.splice(this.#placeIn(block, item), 0, item);
    if (block.length > 2 * HALF_BLOCK) this.#blocks.splice(index + 1, 0, block.splice(HALF_BLOCK));
  }

  /** @returns whether the item was there */
  delete(item: T): boolean {
    const index = this.#blockOf(item);
    const block = this.#blocks[index];
    if (!block) return false;
    const place = this.#placeIn(block, item);
    const found = block[place];
    if (found === undefined || this.#compare(found, item) !== 0) return false;
    block.splice(place, 1);
    if (block.length === 0) this.#blocks.splice(index, 1);
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const block of this.#blocks) yield* block;
  }

  /** First block whose last item does not come before `item`; one past the end when all do. */
  #blockOf(item: T): number {
    return lowerBound(this.#blocks.length, (index) => this.#compare(this.#blocks[index]!.at(-1)!, item) < 0);
  }

  #placeIn(block: readonly T[], item: T): number {
    return lowerBound(block.length, (index) => this.#compare(block[index]!, item) < 0);
  }
}

const HALF_BLOCK = 64;

function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
