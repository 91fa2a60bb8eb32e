import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedQueue } from "./orderedQueue.ts";

const ascending = (first: number, second: number) => first - second;

describe("OrderedQueue", () => {
  it("stays what a sorted list of the same items is", () => {
    const change = fc.record({ item: fc.integer({ min: 0, max: 400 }), kind: fc.constantFrom("add", "delete") });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(400)), fc.array(change, { maxLength: 600 }), (initial, changes) => {
        const queue = OrderedQueue.from(initial, ascending);
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
