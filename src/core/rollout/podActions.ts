import type { PodRecord } from "../pod/podRecord.ts";
import { upgradableCondition } from "../pod/upgradableCondition.ts";
import { podFacts } from "./podFacts.ts";
import type { PodAction } from "./rolloutPlan.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import { flipPatch, upgradePatch } from "./upgradePatch.ts";

/** The next image for a pod's sidecars; nothing where its metadata cannot be patched. */
export function upgradeActions(
  { pod, ready }: { readonly pod: PodRecord; readonly ready: boolean },
  rules: RolloutRules,
  moment: { readonly now: number; readonly latestRevision: string },
): readonly PodAction[] {
  const patch = upgradePatch(podFacts(pod, rules), moment);
  return patch.ok ? [{ kind: "upgradePod", pod: nameOf(pod), ...patch.value, wasReady: ready }] : [];
}

/** The empty image for the idle halves of a pod's pairs. */
export function flipAction(pod: PodRecord, rules: RolloutRules, now: number): PodAction {
  return { kind: "flipPod", pod: nameOf(pod), ...flipPatch(podFacts(pod, rules), now) };
}

/** The condition by which other tools see whether the pod can follow in place. */
export function markAction(
  { pod, upgradable }: { readonly pod: PodRecord; readonly upgradable: boolean },
  rules: RolloutRules,
  now: number,
): PodAction {
  const condition = upgradableCondition(pod, { sidecarSet: rules.set.name, upgradable }, now);
  const { uid, resourceVersion } = pod;
  return { kind: "markUpgradable", pod: nameOf(pod), upgradable, condition, uid, resourceVersion };
}

function nameOf({ namespace, name }: PodRecord): { readonly namespace: string; readonly name: string } {
  return { namespace, name };
}
