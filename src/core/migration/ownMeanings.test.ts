import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { ownMeanings } from "./ownMeanings.ts";

const canary = { matchLabels: { canary: "true" } };

function fieldsOf(spec: Record<string, unknown>): readonly string[] {
  return ownMeanings(aSidecarSet(spec).spec).map(({ field }) => field);
}

describe("what OpenKruise's own fields mean only to us", () => {
  it("is nothing in a SidecarSet that OpenKruise takes", () => {
    const updateStrategy = { selector: canary, partition: 0, scatterStrategy: [{ key: "zone", value: "" }] };
    const injectionStrategy = { revision: { policy: "Partial", customVersion: "v1" } };
    const initContainers = [{ name: "init", image: "init:1" }];
    const patchPodMetadata = [{ annotations: { a: "b" }, patchPolicy: "Overwrite" }];
    expect(fieldsOf({ updateStrategy, injectionStrategy, initContainers, patchPodMetadata })).toEqual([]);
    const native = { initContainers: [{ name: "mesh", image: "mesh:1", restartPolicy: "Always" }] };
    expect(fieldsOf({ ...native, updateStrategy: { type: "NotUpdate" } })).toEqual([]);
  });

  it.each([
    ["spec.selector", { selector: {}, namespace: "shop" }],
    ["spec.updateStrategy.partition", { updateStrategy: { selector: canary, partition: "50%" } }],
    [
      "spec.updateStrategy.scatterStrategy[1]",
      { updateStrategy: { scatterStrategy: [{ key: "a", value: "b" }, { key: "zone" }] } },
    ],
    ["spec.updateStrategy.type", { initContainers: [{ name: "mesh", image: "mesh:1", restartPolicy: "Always" }] }],
    ["spec.injectionStrategy.revision.policy", { injectionStrategy: { revision: { policy: "FollowPartition" } } }],
    [
      "spec.patchPodMetadata[0].patchPolicy",
      { patchPodMetadata: [{ annotations: { a: "b" }, patchPolicy: "AppendUnique" }] },
    ],
  ])("is told at %s of %j", (field, spec) => {
    expect(fieldsOf(spec)).toEqual([field]);
  });
});
