import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { Draws } from "../../../test/fuzz/draws.ts";
import { anyPod, SET_NAMES, sidecarSetOf, specOf } from "../../../test/fuzz/rolloutCases.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { FamiliarPods } from "./familiarPods.ts";
import { Judge } from "./judge.ts";
import { judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { reportOn } from "./podReport.ts";
import { type RolloutRules, rolloutRules } from "./rolloutRules.ts";

function judgedAlone(pod: PodRecord, rules: RolloutRules) {
  const facts = podFacts(pod, rules);
  const judgement = judgePod(facts);
  return { judgement, report: reportOn(facts, judgement.available) };
}

describe("a judge", () => {
  it("says of every pod what it would say if it had seen no other", () => {
    const sets = fc.record({ name: fc.constantFrom(...SET_NAMES), image: fc.nat(1), shape: fc.nat(1), spec: fc.nat() });
    const pods = fc.array(fc.nat(), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(sets, fc.boolean(), pods, ({ name, spec, ...edition }, patches, numbers) => {
        const changed = { ...specOf(new Draws(spec)), ...(patches ? {} : { patchPodMetadata: [] }) };
        const set = sidecarSetOf(name, { ...edition, uid: 1, generation: 1, spec: changed, deleting: false });
        const rules = rolloutRules(set);
        const judge = new Judge(rules);
        for (const [index, number] of numbers.entries()) {
          const pod = anyPod(index, new Draws(number));
          expect(judge.of(pod)).toEqual(judgedAlone(pod, rules));
        }
      }),
      { numRuns: 80, seed: 4 },
    );
  });

  const traits = { image: "logtail:2", hash: "new" };
  it.each([
    ["a sidecar that has not started", { status: { ready: false, imageID: "" } }],
    ["another image", { image: "logtail:1" }],
    ["an image of its own choice", { annotations: { "logtail.podoverrides.sidecarset.kruise.io/imageTag": "3" } }],
    ["another hash", { hash: "newer" }],
    ["another hash without image", { hashWithoutImage: "other" }],
    ["another list of injected sets", { annotations: { "kruise.io/sidecarset-injected-list": "another" } }],
    ["another phase", { phase: "Pending" }],
    ["a pod that is not ready", { ready: false }],
    ["a pod on its way out", { deleting: true }],
    ["another label that the update selector reads", { labels: { canary: "true" } }],
    [
      "a record of what ran before",
      {
        annotations: {
          "kruise.io/sidecarset-inplace-update-state":
            '{"logging":{"revision":"new","updateTimestamp":"2026-06-01T00:00:00Z","lastContainerStatuses":{"logtail":{"imageID":"id-logtail:2"}}}}',
        },
        status: { image: "logtail:1" },
      },
    ],
  ])("tells %s from a pod that is well", (_, other) => {
    const rules = rolloutRules(aSidecarSet({ updateStrategy: { selector: { matchLabels: { canary: "false" } } } }));
    const judge = new Judge(rules);
    judge.of(aPod({ ...traits, labels: { canary: "false" } }));
    const pod = aPod({ ...traits, labels: { canary: "false" }, ...other });
    expect(judge.of(pod)).toEqual(judgedAlone(pod, rules));
    expect(judge.of(aPod({ ...traits, name: "web-9", labels: { canary: "false" } })).judgement.available).toBe(true);
  });
});

describe("a familiar pod", () => {
  const rules = rolloutRules(aSidecarSet());
  const judged = (pod: PodRecord, familiar: FamiliarPods) => {
    familiar.add(pod, judgedAlone(pod, rules));
    return familiar;
  };

  it("is found by what it has in common with others, whoever they are", () => {
    const familiar = judged(aPod(), new FamiliarPods(rules));
    const another = aPod({ name: "web-1", namespace: "shop", owner: "b", node: "n2", labels: { zone: "a" } });
    expect(familiar.find(another)).toEqual(judgedAlone(another, rules));
  });

  it("is none that has been upgraded by us: its judgement depends on a process", () => {
    const annotations = { "sidecarset.kruise.io/upgrade-state": "{}" };
    const familiar = judged(aPod({ annotations }), new FamiliarPods(rules));
    expect(familiar.find(aPod({ annotations }))).toBeUndefined();
  });
});
