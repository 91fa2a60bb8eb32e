import { describe, expect, it } from "vitest";
import { splitFraction } from "./splitFraction.ts";

const PODS = Array.from({ length: 2_000 }, (_, index) => `default/web-${index}`);

describe("the side of a split", () => {
  it("is the same for the same pod at every time", () => {
    expect(splitFraction("logging", "default/web-0")).toBe(splitFraction("logging", "default/web-0"));
  });

  it.each([0.1, 0.5, 0.9])(
    "a share of %d is met closely by the pods of a workload, who differ in their last letters",
    (share) => {
      const below = PODS.filter((pod) => splitFraction("logging", pod) < share).length;
      expect(Math.abs(below / PODS.length - share)).toBeLessThan(0.03);
    },
  );

  it("stays within 0 and 1", () => {
    const fractions = PODS.map((pod) => splitFraction("logging", pod));
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
  });

  it("is independent between SidecarSets", () => {
    const both = PODS.filter((pod) => splitFraction("a", pod) < 0.5 && splitFraction("b", pod) < 0.5).length;
    expect(Math.abs(both / PODS.length - 0.25)).toBeLessThan(0.03);
  });
});
