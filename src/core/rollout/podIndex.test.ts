import fc from "fast-check";
import { expect, it } from "vitest";
import type { PodName } from "../pod/podRecord.ts";
import { PodIndex } from "./podIndex.ts";

it("keeps what was set last for each pod, whatever came and went", () => {
  const change = fc.record({
    namespace: fc.constantFrom("a", "a-b", "b"),
    name: fc.constantFrom("web", "b-web"),
    value: fc.option(fc.nat(), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const index = new PodIndex<{ readonly pod: PodName; readonly value: number }>();
      const model = new Map<string, number>();
      for (const { value, ...pod } of changes) {
        const key = `${pod.namespace}/${pod.name}`;
        if (value === undefined) {
          expect(index.delete(pod)).toBe(model.delete(key));
        } else {
          index.set({ pod, value });
          model.set(key, value);
        }
        expect(index.get(pod)?.value).toBe(model.get(key));
      }
      expect(index.size).toBe(model.size);
      expect(Array.from(index.values(), ({ value }) => value).sort()).toEqual([...model.values()].sort());
    }),
  );
});
