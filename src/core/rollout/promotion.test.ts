import { describe, expect, it } from "vitest";
import type { IntOrPercent } from "../kube/intOrPercent.ts";
import type { UpdateStrategy } from "../sidecarSet/sidecarSet.ts";
import { type PromotionGoal, promotionOf } from "./promotion.ts";

const STRATEGY: UpdateStrategy = {
  type: "RollingUpdate",
  paused: false,
  selector: undefined,
  partition: 0,
  maxUnavailable: 1,
  maxUnavailablePerOwner: undefined,
  priorityStrategy: undefined,
  scatterStrategy: [],
  progressDeadlineSeconds: 600,
};
const CANARY = { selector: { matchLabels: { canary: "true" } } };
const NEXT: PromotionGoal = { kind: "next" };
const to = (updated: IntOrPercent): PromotionGoal => ({ kind: "to", updated });

function promoted(strategy: Partial<UpdateStrategy>, goal: PromotionGoal, updated = 0, matched = 40) {
  return promotionOf({ ...STRATEGY, ...strategy }, { matched, updated }, goal);
}

describe("a promotion", () => {
  it.each<[string, Partial<UpdateStrategy>, PromotionGoal, number, object]>([
    ["goes one step further", { partition: "50%" }, NEXT, 20, { partition: "25%", released: 10 }],
    ["goes to the step after a share between two", { partition: "60%" }, NEXT, 16, { partition: "50%", released: 4 }],
    ["ends with all of them", { partition: "25%" }, NEXT, 30, { partition: 0, released: 10 }],
    ["keeps counting in pods where it was in pods", { partition: 30 }, NEXT, 10, { partition: 20, released: 10 }],
    [
      "of a canary drops the selector and keeps the others",
      CANARY,
      NEXT,
      2,
      { partition: "90%", dropsSelector: true, released: 2 },
    ],
    [
      "of a large canary releases at least one pod",
      CANARY,
      NEXT,
      6,
      { partition: "75%", dropsSelector: true, released: 4 },
    ],
    [
      "of a canary and a partition takes the partition of all pods",
      { ...CANARY, partition: "50%" },
      NEXT,
      2,
      { partition: "90%", released: 2 },
    ],
    ["passes over steps that are behind already", { partition: "100%" }, NEXT, 12, { partition: "50%", released: 8 }],
    ["goes to a share of updated pods", { partition: "90%" }, to("75%"), 4, { partition: "25%", released: 26 }],
    ["goes to a number of updated pods", { partition: "90%" }, to(30), 4, { partition: 10, released: 26 }],
    ["lets all go", { partition: "90%" }, { kind: "full" }, 4, { partition: 0, released: 36 }],
    ["of 100% lets all go", { ...CANARY }, to("100%"), 2, { partition: 0, dropsSelector: true, released: 38 }],
  ])("%s", (_name, strategy, goal, updated, expected) => {
    expect(promoted(strategy, goal, updated)).toMatchObject({ ok: true, value: expected });
  });

  it("of a few pods never takes a step that releases none", () => {
    expect(promoted({ partition: 1 }, NEXT, 1, 2)).toMatchObject({ value: { partition: 0, released: 1 } });
    expect(promoted({ partition: "90%" }, NEXT, 1, 2)).toMatchObject({ value: { partition: 0, released: 1 } });
  });

  it("without pods still goes a step", () => {
    expect(promoted({ partition: "50%" }, NEXT, 0, 0)).toMatchObject({ value: { partition: "25%", released: 0 } });
  });

  it.each<[string, object, PromotionGoal, string]>([
    ["nothing is held", {}, NEXT, "nothingHeld"],
    ["no pod is ever upgraded", { type: "NotUpdate", partition: "50%" }, NEXT, "notUpdateStrategy"],
    ["it would go back", { partition: "50%" }, to("20%"), "wouldHoldBack"],
    ["it would hold back more than a canary has updated", CANARY, to("5%"), "wouldHoldBack"],
    ["stages are written down", { steps: [{ partition: "50%" }] }, NEXT, "stagedBySteps"],
    ["the partition cannot be read", { partition: "half" }, NEXT, "unreadableStrategy"],
  ])("is refused when %s", (_name, strategy, goal, because) => {
    expect(promoted(strategy, goal, 10)).toMatchObject({ ok: false, error: { because } });
  });
});
