import { expect, it } from "vitest";
import { isNewerVersion } from "./resourceVersion.ts";

it.each([
  ["10", "9", true],
  ["9", "10", false],
  ["10", "10", false],
  ["100000000000000000001", "100000000000000000000", true],
  ["10", "", true],
  [undefined, "10", false],
  ["b", "a", true],
  ["a", "b", true],
  ["a", "a", false],
])("version %s after %s: %s", (version, than, newer) => {
  expect(isNewerVersion(version, than)).toBe(newer);
});
