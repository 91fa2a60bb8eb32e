import { expect, it } from "vitest";
import { Recent } from "./recent.ts";

it("finds the last few values and forgets those before them", () => {
  const recent = new Recent<number>();
  for (let number = 0; number < 100; number++) expect(recent.add(number)).toBe(number);
  expect(recent.find((number) => number === 99)).toBe(99);
  expect(recent.find((number) => number === 80)).toBe(80);
  expect(recent.find((number) => number === 50)).toBeUndefined();
});
