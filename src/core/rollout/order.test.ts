import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { defaultOrder, defaultOrderKey, inOrder } from "./order.ts";

function order(...pods: readonly PodTraits[]): string[] {
  return pods
    .map((traits) => aPod(traits))
    .toSorted(inOrder([defaultOrder]))
    .map(({ name }) => name);
}

describe("the default order", () => {
  it.each<[string, PodTraits, PodTraits]>([
    ["an unscheduled pod before a scheduled one", { node: "", phase: "Running" }, { phase: "Pending" }],
    ["a pending pod before one of unknown phase", { phase: "Pending" }, { phase: "Unknown" }],
    ["one of unknown phase before a running one", { phase: "Unknown" }, { ready: false }],
    ["one that is not ready before one that is", { ready: false }, {}],
    ["one that became ready later", { readySince: "2026-06-03T00:00:00Z" }, { readySince: "2026-06-02T00:00:00Z" }],
    ["one that restarted more often", { status: { restartCount: 3 } }, { status: { restartCount: 2 } }],
    ["a younger one", { createdAt: "2026-06-05T00:00:00Z" }, { createdAt: "2026-06-04T00:00:00Z" }],
  ])("upgrades %s", (_, first, second) => {
    expect(order({ name: "b-second", ...second }, { name: "z-first", ...first })).toEqual(["z-first", "b-second"]);
  });

  it("does not ask since when a pod is not ready", () => {
    const [early, late] = ["2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z"];
    const pods = [
      { name: "a", ready: false, readySince: early },
      { name: "b", ready: false, readySince: late },
    ];
    expect(order(...pods)).toEqual(["a", "b"]);
  });

  it("settles ties by namespace and name", () => {
    expect(order({ name: "b", namespace: "x" }, { name: "a", namespace: "y" }, { name: "a", namespace: "x" })).toEqual([
      "a",
      "b",
      "a",
    ]);
  });

  it("is a total order", () => {
    const traits = fc.record<PodTraits>({
      name: fc.constantFrom("a", "b", "c"),
      ready: fc.boolean(),
      phase: fc.constantFrom("Pending", "Running"),
      createdAt: fc.constantFrom("2026-06-04T00:00:00Z", "2026-06-05T00:00:00Z"),
    });
    const compare = inOrder([defaultOrder]);
    fc.assert(
      fc.property(traits, traits, traits, (one, two, three) => {
        const [a, b, c] = [aPod(one), aPod(two), aPod(three)];
        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe("the key of the default order", () => {
  it("is never larger for a pod that comes first", () => {
    const traits = fc.record({
      node: fc.constantFrom("", "node-1"),
      phase: fc.constantFrom("Pending", "Unknown", "Running"),
      ready: fc.boolean(),
      readySince: fc.constantFrom("never", "1960-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "9999-12-31T23:59:59Z"),
      createdAt: fc.constantFrom("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"),
    });
    fc.assert(
      fc.property(traits, traits, (one, other) => {
        const [first, second] = [aPod(one), aPod(other)];
        if (defaultOrder(first, second) < 0)
          expect(defaultOrderKey(first)).toBeLessThanOrEqual(defaultOrderKey(second));
      }),
      { numRuns: 300 },
    );
  });
});
