import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedQueue, type Ordering } from "./orderedQueue.ts";

const ascending = (first: number, second: number) => first - second;

function queueOf(items: Iterable<number>, ordering: Ordering<number>): OrderedQueue<number> {
  const queue = new OrderedQueue(ordering);
  for (const item of items) queue.add(item);
  return queue;
}

describe("OrderedQueue", () => {
  const initially = fc.uniqueArray(fc.nat(1500), { maxLength: 1500, size: "max" });
  const keys = fc.constantFrom(
    undefined,
    Number,
    (item: number) => Math.floor(item / 300),
    () => 0,
  );
  const change = fc.record({
    item: fc.integer({ min: 0, max: 1600 }),
    kind: fc.constantFrom("add", "add", "delete", "delete", "look"),
  });

  it("stays what a sorted list of the same items is", () => {
    fc.assert(
      fc.property(initially, keys, fc.array(change, { maxLength: 300 }), (initial, keyOf, changes) => {
        const queue = queueOf(initial, { compare: ascending, keyOf });
        const items = new Set(initial);
        for (const { item, kind } of changes) {
          if (kind === "delete") expect(queue.delete(item)).toBe(items.delete(item));
          else if (kind === "look") expect(firstOf(queue)).toBe(items.size === 0 ? undefined : Math.min(...items));
          else if (!items.has(item)) {
            items.add(item);
            queue.add(item);
          }
        }
        expect([...queue]).toEqual([...items].sort(ascending));
        expect(queue.size).toBe(items.size);
      }),
      { numRuns: 60 },
    );
  });

  it("is as good as new after everything was taken out", () => {
    const many = Array.from({ length: 2000 }, (_, index) => (index * 7919) % 2000);
    const queue = queueOf(many, { compare: ascending, keyOf: Number });
    for (const item of many) expect(queue.delete(item)).toBe(true);
    expect([...queue]).toEqual([]);
    for (const item of [3, 1999, 0]) queue.add(item);
    expect([...queue]).toEqual([0, 3, 1999]);
  });

  it("compares few of a large number of items to add one, to delete one or to tell the first", () => {
    let compared = 0;
    const counting = (first: number, second: number) => {
      compared++;
      return first - second;
    };
    const queue = queueOf(
      Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 100_000),
      { compare: counting, keyOf: Number },
    );
    queue.delete(50_000);
    queue.add(50_000);
    expect(compared).toBe(0);
    expect(firstOf(queue)).toBe(0);
    expect(compared).toBeLessThan(3000);
  });
});

function firstOf(queue: Iterable<number>): number | undefined {
  for (const item of queue) return item;
  return undefined;
}
