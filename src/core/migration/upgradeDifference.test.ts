import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { Verdict } from "../rollout/verdict.ts";
import { countersDifferences } from "./countersDifference.ts";
import { upgradeDifference } from "./upgradeDifference.ts";

const POD = { namespace: "shop", name: "web-0" };

describe("an upgrade by OpenKruise", () => {
  it.each<readonly [string, Verdict | undefined, number, string | undefined]>([
    ["of a pod that we would take", { kind: "upgrade", changes: [] }, 1, undefined],
    [
      "of another one than ours, while some are due",
      { kind: "wait", because: "partition", rank: 3, kept: 2 } as unknown as Verdict,
      1,
      undefined,
    ],
    [
      "while the partition lets nobody go",
      { kind: "wait", because: "partition", rank: 3, kept: 2 } as unknown as Verdict,
      0,
      "U05",
    ],
    ["while it is paused", { kind: "wait", because: "paused" }, 1, "U03"],
    ["of a pod that is not selected", undefined, 1, ""],
  ])("%s", (_what, verdict, due, code) => {
    expect(upgradeDifference({ sidecarSet: "logs", pod: POD, verdict, due })?.code).toBe(code);
  });
});

describe("a status that OpenKruise has written", () => {
  const counters = { matched: 3, updated: 2, ready: 2, updatedReady: 1 };
  const set = aSidecarSet();
  const told = { matchedPods: 3, updatedPods: 1, readyPods: 2, updatedReadyPods: 1 };

  it("is told where it counts otherwise", () => {
    const status = { ...set.status, ...told, observedGeneration: set.generation };
    const found = countersDifferences({ ...set, status }, counters);
    expect(found.map(({ about, theirs, ours }) => [about, theirs, ours])).toEqual([["updatedPods", "1", "2"]]);
  });

  it("is not looked at before it is about the present generation", () => {
    const status = { ...set.status, ...told, observedGeneration: set.generation + 1 };
    expect(countersDifferences({ ...set, status }, counters)).toEqual([]);
  });
});
