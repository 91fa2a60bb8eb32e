import { expect, it } from "vitest";
import { didYouMean } from "./nearestName.ts";

it.each([
  ["log-agnet", "; did you mean log-agent?"],
  ["logagent", "; did you mean log-agent?"],
  ["mehs", "; did you mean mesh?"],
  ["trace", ""],
  ["", ""],
])("of log-agent and mesh, %s is near to: %s", (wanted, told) => {
  expect(didYouMean(wanted, ["log-agent", "mesh"])).toBe(told);
});
