import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedQueue } from "./orderedQueue.ts";

const ascending = (first: number, second: number) => first - second;

describe("OrderedQueue", () => {
  it("stays what a sorted list of the same items is", () => {
    const initially = fc.uniqueArray(fc.nat(1500), { maxLength: 1500, size: "max" });
    const keys = fc.constantFrom(
      undefined,
      Number,
      (item: number) => Math.floor(item / 300),
      () => 0,
    );
    const change = fc.record({ item: fc.integer({ min: 0, max: 1600 }), kind: fc.constantFrom("add", "delete") });
    fc.assert(
      fc.property(initially, keys, fc.array(change, { maxLength: 300 }), (initial, keyOf, changes) => {
        const queue = OrderedQueue.from(initial, ascending, keyOf);
        const items = new Set(initial);
        for (const { item, kind } of changes) {
          if (kind === "delete") expect(queue.delete(item)).toBe(items.delete(item));
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
});
