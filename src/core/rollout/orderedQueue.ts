/**
 * A sorted collection that changes in O(log n) comparisons plus a move inside one small block. The order must be total: two items
 * that compare as equal are the same item. Many items added at once are sorted only as far as somebody looks.
 */
export class OrderedQueue<T> {
  readonly #compare: (first: T, second: T) => number;
  /** Each in order, and all of its items before those of the next. */
  readonly #blocks: T[][] = [];
  /** Those of them that have only their last item in place. */
  readonly #unsorted = new Set<T[]>();
  #size = 0;

  constructor(compare: (first: T, second: T) => number) {
    this.#compare = compare;
  }

  /**
   * Faster than adding one by one.
   * @param keyOf where it is smaller for one item than for another, the one comes first; makes it faster still
   */
  static from<T>(
    items: readonly T[],
    compare: (first: T, second: T) => number,
    keyOf?: (item: T) => number,
  ): OrderedQueue<T> {
    const queue = new OrderedQueue<T>(compare);
    queue.#size = items.length;
    const parts = keyOf && items.length > LARGEST_BLOCK ? parted(items, keyOf) : [[...items]];
    for (const part of parts) if (part.length > 0) queue.#blocks.push(queue.#asBlock(part));
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
      this.#sort(index);
      yield* this.#blocks[index]!;
    }
  }

  /** The block where the item is or belongs, in order. */
  #sortedBlockOf(item: T): number {
    for (;;) {
      const index = Math.min(this.#blockOf(item), Math.max(0, this.#blocks.length - 1));
      const block = this.#blocks[index];
      if (!block || !this.#unsorted.has(block)) return index;
      if (block.length > LARGEST_BLOCK) this.#split(index);
      else this.#sort(index);
    }
  }

  /** The first items of the block, if it is large; the others make blocks of their own. */
  #sort(index: number): void {
    for (let block = this.#blocks[index]!; this.#unsorted.has(block); block = this.#blocks[index]!) {
      if (block.length > LARGEST_BLOCK) this.#split(index);
      else {
        block.sort(this.#compare);
        this.#unsorted.delete(block);
      }
    }
  }

  /** First block whose last item does not come before `item`; one past the end when all do. */
  #blockOf(item: T): number {
    return lowerBound(this.#blocks.length, (index) => this.#compare(this.#blocks[index]!.at(-1)!, item) < 0);
  }

  #placeIn(block: readonly T[], item: T): number {
    return lowerBound(block.length, (index) => this.#compare(block[index]!, item) < 0);
  }

  /** In two, at about the middle: what is up to a pivot and what comes after it. */
  #split(index: number): void {
    const block = this.#blocks[index]!;
    const pivot = this.#pivotOf(block);
    const before: T[] = [];
    const after: T[] = [];
    this.#unsorted.delete(block);
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
    let last = 0;
    for (let index = 1; index < items.length; index++) {
      if (this.#compare(items[index]!, items[last]!) > 0) last = index;
    }
    const end = items.length - 1;
    [items[last], items[end]] = [items[end]!, items[last]!];
    if (items.length > 1) this.#unsorted.add(items);
    return items;
  }
}

/** Numbers are sorted in a fraction of the time: they tell where the blocks end. Equal ones stay together. */
function parted<T>(items: readonly T[], keyOf: (item: T) => number): T[][] {
  const keys = Float64Array.from(items, keyOf);
  const sorted = keys.toSorted();
  const ends = sorted.filter((_, index) => index % PART === PART - 1);
  const parts = Array.from({ length: ends.length + 1 }, (): T[] => []);
  for (const [index, item] of items.entries()) {
    parts[lowerBound(ends.length, (end) => ends[end]! < keys[index]!)]!.push(item);
  }
  return parts;
}

const PART = 100;
const LARGEST_BLOCK = 128;
const SAMPLE = 9;

function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  // What is taken is mostly the first.
  if (length === 0 || !isBefore(0)) return 0;
  let low = 1;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
