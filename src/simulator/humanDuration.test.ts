import { expect, it } from "vitest";
import { humanDuration } from "./humanDuration.ts";

it.each([
  [-5, "<invalid>"],
  [-1.5, "0s"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [450, "7m30s"],
  [600, "10m"],
  [3 * 3600, "3h"],
  [3 * 3600 + 60, "3h1m"],
  [47 * 3600, "47h"],
  [76 * 3600, "3d4h"],
  [400 * 86400, "400d"],
  [800 * 86400, "2y70d"],
  [9 * 365 * 86400, "9y"],
])("shows %d seconds as %s", (seconds, shown) => {
  expect(humanDuration(seconds * 1000)).toBe(shown);
});
