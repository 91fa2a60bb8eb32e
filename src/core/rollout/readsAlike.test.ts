import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { readsAlike } from "./readsAlike.ts";

const set = aSidecarSet({
  patchPodMetadata: [{ annotations: { team: "shop" }, patchPolicy: "Overwrite" }],
});

describe("two states of a pod", () => {
  it.each([
    ["an annotation of ours", { "sidecarset.kruise.io/skip": "logging" }],
    ["an annotation that the set patches", { team: "other" }],
    ["the mark of a static pod, which tells why it has no sidecars", { "kubernetes.io/config.mirror": "x" }],
  ])("differ to a rollout in %s", (_, annotations) => {
    expect(readsAlike(aPod(), aPod({ annotations }), set)).toBe(false);
    expect(readsAlike(aPod({ annotations }), aPod(), set)).toBe(false);
  });

  it("are alike to it when others' annotations and the version differ", () => {
    const heartbeat = { ...aPod({ annotations: { "example.com/heartbeat": "1" } }), resourceVersion: "11" };
    expect(readsAlike(aPod(), heartbeat, set)).toBe(true);
  });
});
