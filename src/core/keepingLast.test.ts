import { expect, it } from "vitest";
import { keepingLast } from "./keepingLast.ts";

it("a function that keeps its last result computes only what was not asked for just before", () => {
  const computed: number[] = [];
  const half = keepingLast((whole: number) => {
    computed.push(whole);
    return whole / 2;
  });
  expect([half(2), half(2), half(4), half(2)]).toEqual([1, 1, 2, 1]);
  expect(computed).toEqual([2, 4, 2]);
});
