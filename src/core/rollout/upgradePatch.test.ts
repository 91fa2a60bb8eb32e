import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { podFacts } from "./podFacts.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { upgradePatch } from "./upgradePatch.ts";

const patchPodMetadata = [{ annotations: {}, labels: { tier: "new" }, patchPolicy: "Overwrite" as const }];
const rules = rolloutRules(aSidecarSet({ patchPodMetadata }));
const MOMENT = { now: Date.UTC(2026, 5, 1), latestRevision: "logging-1" };
const patchOf = (pod: PodRecord, moment = MOMENT) => upgradePatch(podFacts(pod, rules), moment);
/** Nothing in common with what was there before. */
const copyOf = (pod: PodRecord): PodRecord => structuredClone(pod);

describe("the write of an upgrade", () => {
  it("names each of the pods that share their records, and is otherwise what it would be without the others", () => {
    const first = aPod({ name: "a" });
    const second: PodRecord = { ...first, name: "b", uid: "uid-b", resourceVersion: "77" };
    const unlabelled: PodRecord = { ...first, labels: {} };
    const third: PodRecord = { ...unlabelled, name: "c", uid: "uid-c", resourceVersion: "78" };
    for (const pod of [first, second, unlabelled, third]) expect(patchOf(pod)).toEqual(patchOf(copyOf(pod)));
    expect(JSON.stringify(patchOf(second))).toContain("uid-b");
    expect(JSON.stringify(patchOf(third))).toContain('"78"');
  });

  it("is another one when the moment, the generation or an image is another", () => {
    const pod = aPod();
    const others: readonly [PodRecord, typeof MOMENT][] = [
      [pod, { ...MOMENT, now: MOMENT.now + 1000 }],
      [pod, { ...MOMENT, latestRevision: "logging-2" }],
      [{ ...pod, generation: 9 }, MOMENT],
      [{ ...pod, containers: pod.containers.map((container) => ({ ...container, image: "logtail:0" })) }, MOMENT],
    ];
    const before = patchOf(pod);
    for (const [other, moment] of others) {
      expect(patchOf(other, moment)).toEqual(patchOf(copyOf(other), moment));
      expect(patchOf(other, moment)).not.toEqual(before);
    }
  });

  it("says of each pod what ran there before, though the others of its plan run something else", () => {
    const running = (imageID: string, containerID: string, traits: PodTraits = {}) =>
      aPod({ ...traits, status: { imageID, containerID } });
    const pods = [
      running("id-1", "containerd://a"),
      running("id-1", "containerd://b", { revision: "r1" }),
      running("id-2", "containerd://c"),
      running("id-1", "containerd://a", { annotations: { "kruise.io/sidecarset-inplace-update-state": "{}" } }),
    ];
    for (const pod of pods) {
      const text = JSON.stringify(patchOf(pod));
      const { imageId, containerId } = pod.containers[0]!.status!;
      expect(text).toContain(`\\"imageID\\":\\"${imageId}\\"`);
      expect(text).toContain(`\\"containerID\\":\\"${containerId}\\"`);
      expect(text).toContain(JSON.stringify(pod.annotations["kruise.io/sidecarset-hash"]));
    }
  });

  it("names the hash and the revision of its own set, also where two sets are planned in turn", () => {
    const edited = rolloutRules(
      aSidecarSet({}, { annotations: { "kruise.io/sidecarset-hash": "newer" }, generation: 2 }),
    );
    const texts = [rules, edited, rules].map((some) =>
      JSON.stringify(upgradePatch(podFacts(aPod({ name: "x" }), some), MOMENT)),
    );
    expect(texts.map((text) => text.includes('\\"hash\\":\\"newer\\"'))).toEqual([false, true, false]);
    expect(texts.map((text) => text.includes('\\"revision\\":\\"newer\\"'))).toEqual([false, true, false]);
  });
});
