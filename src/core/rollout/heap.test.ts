import fc from "fast-check";
import { expect, it } from "vitest";
import { Heap } from "./heap.ts";

it("a heap hands out the least of what it holds, whatever comes meanwhile", () => {
  const event = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant("take" as const));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 100 }), (events) => {
      const heap = new Heap<number>((one, other) => one - other);
      const held: number[] = [];
      for (const one of events) {
        if (one === "take") expect(heap.take()).toBe(held.shift());
        else {
          heap.add(one);
          held.push(one);
          held.sort((left, right) => left - right);
        }
        expect(heap.least).toBe(held[0]);
        expect(heap.size).toBe(held.length);
      }
    }),
  );
});
