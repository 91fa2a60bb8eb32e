import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepsNext, keepsOrdinal, keptShare, type Share } from "./keptShare.ts";

describe("the share that a partition keeps", () => {
  it.each([
    ["0%", 0, 0],
    ["30%", 0, 0.3],
    ["12.5%", 0, 0.125],
    ["007%", 0, 0.07],
    ["100%", 0, 1],
    ["250%", 0, 1],
    [`33.${"3".repeat(400)}%`, 0, 0.333333333333333],
    [3, 10, 0.3],
    [10, 10, 1],
    [11, 10, 1],
    [-1, 10, 0],
    [0, 10, 0],
    [5, 0, 0],
  ])("%s with %d pods matched is %d", (partition, matchedPods, expected) => {
    const { kept, of } = keptShare(partition, matchedPods)!;
    expect(Number(kept) / Number(of)).toBeCloseTo(expected, 14);
  });

  it.each(["half", "", "%", "30", "-5%", "1e1%", " 30%"])("of %j is unknown", (partition) => {
    expect(keptShare(partition, 10)).toBeUndefined();
  });
});

const share: fc.Arbitrary<Share> = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }).map((thousandths) => keptShare(`${thousandths / 1000}%`, 0)!),
  fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 500 })).map(([kept, matched]) => keptShare(kept, matched)!),
);

describe("pods with ordinals", () => {
  it("of the first n exactly the whole part of the share is kept, for every n", () => {
    fc.assert(
      fc.property(share, (each) => {
        let kept = 0;
        for (let ordinal = 0; ordinal < 300; ordinal++) {
          if (keepsOrdinal(each, ordinal)) kept++;
          expect(BigInt(kept)).toBe((BigInt(ordinal + 1) * each.kept) / each.of);
        }
      }),
    );
  });

  it("of any that follow one another the share is met within one pod, however high they count", () => {
    fc.assert(
      fc.property(share, fc.nat(2 ** 31), fc.integer({ min: 1, max: 100 }), (each, start, count) => {
        const ordinals = Array.from({ length: count }, (_, index) => start + index);
        const kept = ordinals.filter((ordinal) => keepsOrdinal(each, ordinal)).length;
        const surplus = BigInt(kept) * each.of - BigInt(count) * each.kept;
        expect(surplus > -each.of && surplus < each.of).toBe(true);
      }),
    );
  });
});

describe("the next pod of a workload", () => {
  it.each([
    ["30%", { old: 0, newest: 0 }, false],
    ["30%", { old: 0, newest: 2 }, true],
    ["30%", { old: 1, newest: 2 }, false],
    ["50%", { old: 3, newest: 3 }, undefined],
    ["0%", { old: 0, newest: 9 }, false],
    ["100%", { old: 9, newest: 0 }, true],
    ["100%", { old: 0, newest: 9 }, true],
  ])("with %s kept and %o there is kept: %s", (partition, pods, expected) => {
    expect(keepsNext(keptShare(partition, 0)!, pods)).toBe(expected);
  });

  it("leaves the sides at most half a pod from their share, and never farther from it than before", () => {
    fc.assert(
      fc.property(share, fc.nat(50), fc.nat(50), fc.boolean(), (each, old, newest, tie) => {
        const before = offBy(each, old, newest);
        const after =
          (keepsNext(each, { old, newest }) ?? tie) ? offBy(each, old + 1, newest) : offBy(each, old, newest + 1);
        expect(after <= each.of || after <= before).toBe(true);
      }),
    );
  });
});

/** Twice the distance from the share, in parts of a pod of which there are `of`. */
function offBy({ kept, of }: Share, old: number, newest: number): bigint {
  const surplus = 2n * (BigInt(old) * of - BigInt(old + newest) * kept);
  return surplus < 0n ? -surplus : surplus;
}
