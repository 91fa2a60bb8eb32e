import { describe, expect, it } from "vitest";
import { maxUnavailableOf, nextWave, partitionOf } from "./budget.ts";

describe("partition", () => {
  it.each([
    [980, 1000, 980],
    [50, 100, 50],
    ["5%", 6, 1],
    ["95%", 6, 5],
    ["100%", 6, 6],
    ["50%", 1, 1],
    ["1%", 3, 1],
    ["7%", 100, 7],
    ["12.5%", 8, 1],
    [7, 5, 5],
    [-1, 5, 0],
    ["0%", 5, 0],
    ["50%", 0, 0],
  ])("%s of %i pods keeps %i", (partition, matched, kept) => {
    expect(partitionOf(partition, matched)).toEqual({ ok: true, value: kept });
  });

  it.each(["abc", "", "%", "10", "half%"])("cannot be read from %j", (partition) => {
    expect(partitionOf(partition, 10).ok).toBe(false);
  });
});

describe("maxUnavailable", () => {
  it.each([
    ["10%", 1000, 100],
    [10, 100, 10],
    ["5%", 6, 1],
    ["0%", 6, 0],
    ["10", 100, 10],
    [50, 3, 50],
  ])("%s of %i pods is %i", (maxUnavailable, matched, limit) => {
    expect(maxUnavailableOf(maxUnavailable, matched)).toEqual({ ok: true, value: limit });
  });

  it("cannot be read from a text without a number", () => {
    expect(maxUnavailableOf("many", 10).ok).toBe(false);
  });
});

describe("a wave", () => {
  const ready = (count: number) => new Array<boolean>(count).fill(true);
  const size = (pods: readonly boolean[], budget: Parameters<typeof nextWave>[2]) =>
    nextWave(pods, (isReady) => isReady, budget).length;

  it.each([
    ["1000 pods, partition 980, 10%: the partition limits", 1000, { released: 20, used: 0, limit: 100 }, 20],
    ["100 pods, partition 50, 10: the budget limits", 100, { released: 50, used: 0, limit: 10 }, 10],
    ["300 of 1000 updated, 40 of them unavailable, 10%", 700, { released: 700, used: 40, limit: 100 }, 60],
    ["800 of 1000 updated, 40 unavailable, partition 180", 200, { released: 20, used: 40, limit: 100 }, 20],
  ])("%s", (_, candidates, budget, expected) => {
    expect(size(ready(candidates), budget)).toBe(expected);
  });

  it("takes pods that are not ready for free", () => {
    expect(size([...new Array<boolean>(5).fill(false), ...ready(15)], { released: 20, used: 2, limit: 3 })).toBe(6);
  });

  it("ends at the first ready pod without budget", () => {
    expect(size([true, false, true, false], { released: 4, used: 1, limit: 1 })).toBe(0);
  });
});
