import { applyJsonPatch, type JsonPatch } from "../../../src/core/kube/jsonPatch.ts";
import type { Json, JsonObject } from "../../../src/core/kube/object.ts";
import type { Pod, PodCondition } from "../../../src/core/kube/pod.ts";
import { podRecord } from "../../../src/core/pod/podRecord.ts";
import { formatTime } from "../../../src/core/pod/recordJson.ts";
import { isMarkedNotUpgradable, upgradableCondition } from "../../../src/core/pod/upgradableCondition.ts";
import { UPGRADE_STATE_ANNOTATION } from "../../../src/core/pod/upgradeState.ts";
import { unreachable } from "../../../src/core/result.ts";
import { type PodFacts, pairsToFlip, podFacts, runningPreviousUpgrade } from "../../../src/core/rollout/podFacts.ts";
import { rolloutRules } from "../../../src/core/rollout/rolloutRules.ts";
import { flipPatch, upgradePatch } from "../../../src/core/rollout/upgradePatch.ts";
import { compare, type Judge } from "../judge.ts";
import { withoutTimes } from "../normalise.ts";
import { NOW, parsedSet } from "./rolloutCase.ts";

const now = Date.parse(NOW);

export const podUpdate: Judge = ({ input, expected }) => {
  const set = parsedSet(input.sidecarSet);
  const pod = input.pod as unknown as Pod;
  const facts = podFacts(podRecord(pod), rolloutRules(set));
  const ours = {
    upgradable: facts.sameButImages,
    consistent: facts.sameButImages && runningPreviousUpgrade(facts) === undefined,
    ...("needsFlip" in expected && { needsFlip: pairsToFlip(facts).length > 0 }),
    ...write(input, pod, facts, set.status.latestRevision ?? ""),
  };
  const recorded = "error" in expected ? { ...expected, error: "refused" } : expected;
  return compare(ours, recorded);
};

function write(input: JsonObject, pod: Pod, facts: PodFacts, latestRevision: string): JsonObject {
  const action = input.action as "upgrade" | "flip" | "condition";
  switch (action) {
    case "upgrade": {
      const patch = upgradePatch(facts, { now, latestRevision });
      if (!patch.ok) return { error: "refused" };
      const heals = isMarkedNotUpgradable(facts.pod, facts.rules.set.name);
      const upgraded = patched(pod, patch.value.operations);
      return { pod: comparable(heals ? marked(upgraded, facts, true) : upgraded) };
    }
    case "flip":
      return { pod: comparable(patched(pod, flipPatch(facts, now).operations)) };
    case "condition":
      return { pod: comparable(marked(pod, facts, input.upgradable as boolean)) };
    default:
      return unreachable(action);
  }
}

function patched(pod: Pod, operations: JsonPatch): Pod {
  const result = applyJsonPatch(pod as unknown as Json, operations);
  if (!result.ok) throw new Error(result.error);
  return result.value as unknown as Pod;
}

/** As a strategic merge places it: where the old one stood, a new one at the head. */
function marked(pod: Pod, { rules, pod: record }: PodFacts, upgradable: boolean): Pod {
  const condition = upgradableCondition(record, { sidecarSet: rules.set.name, upgradable }, now);
  const old = pod.status?.conditions ?? [];
  const isThere = old.some(({ type }) => type === condition.type);
  const merged = old.map((one) => (one.type === condition.type ? { ...one, ...condition } : one));
  const conditions = (isThere ? merged : [condition, ...old]) as unknown as readonly PodCondition[];
  return { ...pod, status: { ...pod.status, conditions } };
}

/** Without our own record, which no recorded pod has, and with the run's time as the cases write it. */
function comparable(pod: Pod): JsonObject {
  const { resourceVersion, ...metadata } = pod.metadata;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== UPGRADE_STATE_ANNOTATION);
  const written = { ...pod, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } };
  return JSON.parse(withoutTimes(JSON.stringify(written), formatTime(now))) as JsonObject;
}
