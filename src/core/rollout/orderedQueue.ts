/** How items follow each other. */
export interface Ordering<T> {
  /** Total: two items that compare as equal are the same item. What it tells of an item never changes while the item is known here. */
  readonly compare: (first: T, second: T) => number;
  /** Where it is smaller for one item than for another, the one comes first; makes it faster. Left out: only `compare` can tell. */
  readonly keyOf?: ((item: T) => number) | undefined;
}

/**
 * A collection in order that is sorted only as far as somebody looks. The items lie in blocks, all of one before those of the next: to
 * add or to delete finds the block and touches no other item, so that both cost about the same in a queue of any size. A block that has
 * grown large is divided when it is looked at the next time, also one of a million items that were added one after the other.
 */
export class OrderedQueue<T> {
  readonly #ordering: Ordering<T>;
  readonly #blocks: Block<T>[] = [{ items: [], isSorted: true }];
  /** Where each block but the last one ends, numbers first: they lie side by side, items anywhere. */
  readonly #endKeys: number[] = [];
  readonly #ends: (T | undefined)[] = [];
  #size = 0;

  constructor(ordering: Ordering<T>) {
    this.#ordering = ordering;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const block = this.#blocks[this.#indexOf(item)]!;
    block.items.push(item);
    block.isSorted = block.items.length === 1;
    this.#size++;
  }

  /** @returns whether the item was there */
  delete(item: T): boolean {
    const index = this.#indexOf(item, LARGEST_BLOCK);
    const { items } = this.#blocks[index]!;
    const place = items.indexOf(item);
    if (place === -1) return false;
    items.splice(place, 1);
    this.#size--;
    if (items.length === 0) this.#drop(index);
    return true;
  }

  /** In order. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.#blocks.length; index++) yield* this.#sorted(index);
  }

  #sorted(index: number): readonly T[] {
    while (this.#blocks[index]!.items.length > LARGEST_BLOCK) this.#divide(index);
    const block = this.#blocks[index]!;
    if (!block.isSorted) block.items.sort(this.#ordering.compare);
    block.isSorted = true;
    return block.items;
  }

  /** The block where the item is or belongs; one with more than so many items is divided first. */
  #indexOf(item: T, most = Number.POSITIVE_INFINITY): number {
    for (;;) {
      const index = this.#ends.length === 0 ? 0 : this.#blockOf(item);
      if (this.#blocks[index]!.items.length <= most) return index;
      this.#divide(index);
    }
  }

  #blockOf(item: T): number {
    const { compare } = this.#ordering;
    const key = this.#keyOf(item);
    return lowerBound(this.#ends.length, (index) => {
      const endKey = this.#endKeys[index]!;
      if (endKey !== key) return endKey < key;
      const end = this.#ends[index];
      return end !== undefined && compare(end, item) < 0;
    });
  }

  #keyOf(item: T): number {
    return this.#ordering.keyOf?.(item) ?? 0;
  }

  #divide(index: number): void {
    const { items } = this.#blocks[index]!;
    const { keyOf, compare } = this.#ordering;
    const parts = (keyOf && dividedByKey(items, keyOf)) ?? dividedInTwo(items, compare);
    const ends = parts.slice(0, -1).map(({ end }) => end);
    this.#blocks.splice(index, 1, ...parts.map((part) => ({ items: part.items, isSorted: false })));
    this.#endKeys.splice(index, 0, ...ends.map((end) => (typeof end === "number" ? end : this.#keyOf(end.item))));
    this.#ends.splice(index, 0, ...ends.map((end) => (typeof end === "number" ? undefined : end.item)));
  }

  /** One block stays, though it be empty. */
  #drop(index: number): void {
    if (this.#blocks.length === 1) return;
    this.#blocks.splice(index, 1);
    const end = Math.min(index, this.#ends.length - 1);
    this.#endKeys.splice(end, 1);
    this.#ends.splice(end, 1);
  }
}

interface Block<T> {
  readonly items: T[];
  isSorted: boolean;
}

/** Some items, and what they reach up to: a key, and every item with it; or an item. Of the last part it does not count. */
interface Part<T> {
  readonly items: T[];
  readonly end: number | { readonly item: T };
}

/**
 * Into many at once, for numbers are sorted in a fraction of the time: a sample of them tells where the parts end.
 * @returns undefined when the keys tell too little apart
 */
function dividedByKey<T>(items: readonly T[], keyOf: (item: T) => number): Part<T>[] | undefined {
  const every = Math.max(SAMPLED, Math.ceil(items.length / (MOST_PARTS * SAMPLES_A_PART)));
  const sample = new Float64Array(Math.ceil(items.length / every));
  for (let index = 0; index < sample.length; index++) sample[index] = keyOf(items[index * every]!);
  sample.sort();
  const ends = sample.filter(
    (key, index) => index % SAMPLES_A_PART === SAMPLES_A_PART - 1 && key !== sample[index + 1],
  );
  const parts = Array.from({ length: ends.length + 1 }, (_, index): Part<T> => ({ items: [], end: ends[index] ?? 0 }));
  for (const item of items) parts[placeOf(keyOf(item), ends)]!.items.push(item);
  const filled = parts.filter((part) => part.items.length > 0);
  return filled.length > 1 ? filled : undefined;
}

/** The first of the ends that is not before the key. A million items come through here, so it calls nothing. */
function placeOf(key: number, ends: Float64Array): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** At about the middle: what is up to a pivot and what comes after it. */
function dividedInTwo<T>(items: readonly T[], compare: Ordering<T>["compare"]): Part<T>[] {
  const step = Math.floor(items.length / PIVOT_SAMPLE);
  const sample = Array.from({ length: PIVOT_SAMPLE }, (_, index) => items[index * step]!);
  // Never the last one of the sample, so that both parts have items.
  const pivot = { item: sample.sort(compare)[PIVOT_SAMPLE >> 1]! };
  const before: T[] = [];
  const after: T[] = [];
  for (const item of items) (compare(item, pivot.item) <= 0 ? before : after).push(item);
  return [
    { items: before, end: pivot },
    { items: after, end: pivot },
  ];
}

const LARGEST_BLOCK = 256;
/** One of so many items is in the sample, and so many of the sample make a part: as a rule parts are well below the largest block. */
const SAMPLED = 8;
const SAMPLES_A_PART = 12;
/** A call takes only so many arguments. */
const MOST_PARTS = 20_000;
const PIVOT_SAMPLE = 9;

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
