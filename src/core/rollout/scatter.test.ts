import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { type ScatterGroup, scattered, scatterGroups } from "./scatter.ts";

/** Its candidates are called `a0`, `a1` and so on. */
function group(name: string, size: number, updated = 0): ScatterGroup<string> {
  const candidates = Array.from({ length: size - updated }, (_, index) => `${name}${index}`);
  return { pods: size, updated, candidates };
}

const NAMES = "abcdefgh";
const alphabetically = (one: string, other: string) => Number(one > other) - Number(one < other);

describe("scattering", () => {
  it("gives every group its share after every step, to within one pod", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        const order = [
          ...scattered(
            sizes.map((size, index) => group(NAMES[index]!, size)),
            alphabetically,
          ),
        ];
        const all = sizes.reduce((sum, size) => sum + size, 0);
        expect(order).toHaveLength(all);
        const taken = sizes.map(() => 0);
        for (const [index, name] of order.entries()) {
          taken[NAMES.indexOf(name[0]!)]!++;
          for (const [g, size] of sizes.entries()) {
            expect(Math.abs(taken[g]! - ((index + 1) * size) / all)).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("lets a group that is behind catch up first", () => {
    const order = [...scattered([group("a", 6, 3), group("b", 6)], alphabetically)];
    expect(order.slice(0, 3)).toEqual(["b0", "b1", "b2"]);
  });
});

describe("groups", () => {
  const groupOf = (terms: Parameters<typeof scatterGroups>[0], labels: Record<string, string>) =>
    scatterGroups(terms)!(aPod({ labels }));

  it("are the values of a key, and the pods without it", () => {
    expect(groupOf([{ key: "zone", value: "*" }], { zone: "a" })).toBe('["a"]');
    expect(groupOf([{ key: "zone" }], {})).toBe("[null]");
  });

  it("are the values named, and all the others", () => {
    const terms = [
      { key: "zone", value: "a" },
      { key: "zone", value: "b" },
      { key: "gray", value: "1" },
    ];
    expect(groupOf(terms, { zone: "b" })).toBe('["b",null]');
    expect(groupOf(terms, { zone: "c", gray: "1" })).toBe('[null,"1"]');
  });

  it("take a missing label for an empty one where an empty one is named", () => {
    expect(groupOf([{ key: "zone", value: "" }], {})).toBe('[""]');
    expect(groupOf([{ key: "zone", value: "" }], { zone: "a" })).toBe("[null]");
  });
});
