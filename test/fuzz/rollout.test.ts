import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/core/kube/pod.ts";
import { podRecord, UPGRADABLE_CONDITION } from "../../src/core/pod/podRecord.ts";
import { planRollout } from "../../src/core/rollout/planRollout.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import { aPodObject } from "../aPod.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { anyJson, anyText, jsonText, mutated } from "./mutation.ts";
import { podTraits, recordTexts, rollingSets } from "./validDocuments.ts";

const ANNOTATIONS = [
  "kruise.io/sidecarset-hash",
  "kruise.io/sidecarset-hash-without-image",
  "kruise.io/sidecarset-injected-list",
  "kruise.io/sidecarset-inplace-update-state",
  "kruise.io/sidecarset-working-hotupgrade-container",
  "sidecarset.kruise.io/upgrade-state",
  "x",
];
const DEEP_MESSAGE = `{"logging":false,"other":${"[".repeat(2_000)}${"]".repeat(2_000)}}`;
const texts = fc.oneof(mutated(recordTexts), anyJson.map(jsonText), anyText);

/** As the API server hands them out: fields have their types, all texts are anybody's. */
const pods = fc.array(
  fc
    .tuple(
      podTraits,
      fc.dictionary(fc.constantFrom(...ANNOTATIONS), texts, { maxKeys: 3 }),
      fc.option(fc.oneof(texts, fc.constantFrom('{"logging":false}', DEEP_MESSAGE))),
    )
    .map(([traits, annotations, message]): Pod => {
      const { status, ...pod } = aPodObject({ ...traits, annotations });
      if (message === null || status === undefined) return pod;
      const upgradable = { type: UPGRADABLE_CONDITION, status: "False", message };
      return { ...pod, status: { ...status, conditions: [...(status.conditions ?? []), upgradable] } };
    }),
  { maxLength: 6 },
);
const sets = fc.oneof(rollingSets.map(jsonText), mutated(rollingSets));

describe("whatever pods and SidecarSet there are", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("a rollout is planned, within its limit", async () => {
    await fuzz(fc.tuple(pods, sets, fc.nat(3)), ([given, text, revision]) => {
      const set = parseSidecarSet(JSON.parse(text));
      if (!set.ok) return;
      const plan = planRollout({
        set: set.value,
        pods: given.map(podRecord),
        namespaces: new Map([["default", {}]]),
        revisions: revision === 0 ? [] : [revisionOf(set.value, { revision, collisionCount: 0 })],
        now: Date.parse("2026-06-02T00:00:00Z"),
      });
      const upgrades = plan.actions.filter(({ kind }) => kind === "upgradePod");
      expect(upgrades.length).toBeLessThanOrEqual(given.length);
      JSON.stringify(plan.actions);
    });
  });
});
