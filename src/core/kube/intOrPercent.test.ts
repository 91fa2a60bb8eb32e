import { expect, it } from "vitest";
import { resolveIntOrPercent } from "./intOrPercent.ts";

it.each([
  [5, 10, "up", 5],
  [-1, 10, "up", -1],
  ["7%", 100, "up", 7],
  ["1%", 10, "up", 1],
  ["1%", 10, "down", 0],
  ["12.5%", 6, "up", 1],
  ["150%", 10, "up", 15],
  ["100%", 6, "down", 6],
  ["0%", 6, "up", 0],
] as const)("%j of %d rounded %s is %d", (value, total, rounding, expected) => {
  expect(resolveIntOrPercent(value, total, rounding)).toEqual({ ok: true, value: expected });
});

it.each(["abc", "10", "%", "-5%", "5 %", "", "1e3%"])("%j is no amount", (text) => {
  expect(resolveIntOrPercent(text, 10, "up")).toMatchObject({ ok: false });
});
