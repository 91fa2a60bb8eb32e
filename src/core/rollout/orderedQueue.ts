/**
 * A sorted collection that changes in O(log n) comparisons plus a move inside one small block. The order must be total: two items
 * that compare as equal are the same item. Many items added at once are sorted only as far as somebody looks.
 */
export class OrderedQueue<T> {
  readonly #compare: (first: T, second: T) => number;
  /** Each in order, and all of its items before those of the next; but a larger one than usual has only its last item in place. */
  readonly #blocks: T[][] = [];
  #size = 0;

  constructor(compare: (first: T, second: T) => number) {
    this.#compare = compare;
  }

  /** Faster than adding one by one. */
  static from<T>(items: readonly T[], compare: (first: T, second: T) => number): OrderedQueue<T> {
    const queue = new OrderedQueue<T>(compare);
    queue.#size = items.length;
    if (items.length > 0) queue.#blocks.push(queue.#asBlock([...items]));
    return queue;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const index = this.#sortedBlockOf(item);
    const block = this.#blocks[index];
    this.#size++;
    if (!block) {
      this.#blocks.push([item]);
      return;
    }
    block.splice(this.#placeIn(block, item), 0, item);
    if (block.length > LARGEST_BLOCK) this.#blocks.splice(index + 1, 0, block.splice(LARGEST_BLOCK >> 1));
  }

  /** @returns whether the item was there */
  delete(item: T): boolean {
    const index = this.#sortedBlockOf(item);
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
    for (let index = 0; index < this.#blocks.length; index++) {
      while (this.#isUnsorted(index)) this.#split(index);
      yield* this.#blocks[index]!;
    }
  }

  /** The block where the item is or belongs, in order. */
  #sortedBlockOf(item: T): number {
    for (;;) {
      const index = Math.min(this.#blockOf(item), Math.max(0, this.#blocks.length - 1));
      if (!this.#isUnsorted(index)) return index;
      this.#split(index);
    }
  }

  /** First block whose last item does not come before `item`; one past the end when all do. */
  #blockOf(item: T): number {
    return lowerBound(this.#blocks.length, (index) => this.#compare(this.#blocks[index]!.at(-1)!, item) < 0);
  }

  #placeIn(block: readonly T[], item: T): number {
    return lowerBound(block.length, (index) => this.#compare(block[index]!, item) < 0);
  }

  #isUnsorted(index: number): boolean {
    return (this.#blocks[index]?.length ?? 0) > LARGEST_BLOCK;
  }

  /** In two, at about the middle: what is up to a pivot and what comes after it. */
  #split(index: number): void {
    const block = this.#blocks[index]!;
    const pivot = this.#pivotOf(block);
    const before: T[] = [];
    const after: T[] = [];
    for (const item of block) (this.#compare(item, pivot) <= 0 ? before : after).push(item);
    this.#blocks.splice(index, 1, this.#asBlock(before), this.#asBlock(after));
  }

  /** A few of them tell where the middle may be. Never the last one, so that both halves have items. */
  #pivotOf(block: readonly T[]): T {
    const step = Math.floor(block.length / SAMPLE);
    const sample = Array.from({ length: SAMPLE }, (_, index) => block[index * step]!);
    return sample.sort(this.#compare)[SAMPLE >> 1]!;
  }

  #asBlock(items: T[]): T[] {
    if (items.length <= LARGEST_BLOCK) return items.sort(this.#compare);
    let last = 0;
    for (let index = 1; index < items.length; index++) {
      if (this.#compare(items[index]!, items[last]!) > 0) last = index;
    }
    const end = items.length - 1;
    [items[last], items[end]] = [items[end]!, items[last]!];
    return items;
  }
}

const LARGEST_BLOCK = 128;
const SAMPLE = 9;

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
