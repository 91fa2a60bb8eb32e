import fc from "fast-check";
import { expect, it } from "vitest";
import { Deadlines } from "./deadlines.ts";

it("tells the nearest deadline and those that have passed, whatever came and went", () => {
  const change = fc.record({ item: fc.nat(9), time: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.nat(20), (changes, now) => {
      const deadlines = new Deadlines<number>();
      const model = new Map<number, number>();
      for (const { item, time } of changes) {
        const known = model.get(item);
        if (known === undefined) {
          deadlines.add(time, item);
          model.set(item, time);
        } else {
          deadlines.delete(known, item);
          model.delete(item);
        }
      }
      const passed = [...model].filter(([, time]) => time <= now).map(([item]) => item);
      expect(deadlines.passedAt(now).toSorted()).toEqual(passed.toSorted());
      expect(deadlines.next).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
    }),
  );
});
