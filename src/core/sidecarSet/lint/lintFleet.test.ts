import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../../test/aSidecarSet.ts";
import { type Fleet, lintFleet } from "./lintFleet.ts";

function told(fleet: Partial<Fleet>, spec: Record<string, unknown> = {}): string[] {
  const whole: Fleet = { pods: 100, selected: 10, carried: 10, updatable: 10, lacking: new Map(), ...fleet };
  return lintFleet(aSidecarSet(spec), whole).map(({ code, field }) => `${code} ${field}`);
}

describe("what the pods of a cluster tell about a SidecarSet", () => {
  it.each<[string, Partial<Fleet>, string[]]>([
    ["a tenth of the pods is selected", {}, []],
    ["no pod is selected", { selected: 0, carried: 0, updatable: 0 }, ["L04 spec.selector"]],
    ["there are no pods", { pods: 0, selected: 0, carried: 0, updatable: 0 }, []],
    ["half of the pods are selected", { selected: 50 }, []],
    ["more than half of the pods are selected", { selected: 51 }, ["L04 spec.selector"]],
    [
      "pods lack a label to scatter by",
      { lacking: new Map([["zone", 3]]) },
      ["L09 spec.updateStrategy.scatterStrategy"],
    ],
    ["no pod lacks the label to scatter by", { lacking: new Map([["zone", 0]]) }, []],
  ])("%s", (_, fleet, expected) => {
    expect(told(fleet)).toEqual(expected);
  });

  it("the update selector lets none of the pods through", () => {
    const canary = { updateStrategy: { selector: { matchLabels: { canary: "true" } } } };
    expect(told({ updatable: 0 }, canary)).toEqual(["L04 spec.updateStrategy.selector"]);
    expect(told({ updatable: 1 }, canary)).toEqual([]);
  });
});
