import { encodeSorted } from "../kube/goJson.ts";
import { isTooDeep } from "../kube/nesting.ts";
import { isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { type PodRecord, UPGRADABLE_CONDITION } from "./podRecord.ts";
import { formatTime } from "./recordJson.ts";

/** Whether the pod's condition says that it cannot follow this set in place. */
export function isMarkedNotUpgradable(pod: PodRecord, sidecarSet: string): boolean {
  return answers(pod)[sidecarSet] === false;
}

/**
 * The condition after one set has given its answer; those of other sets stay. A message that is no JSON object, or one nested without end, is replaced.
 * @returns the entry for a strategic merge into `status.conditions`; the time of a status that stays is left out and so kept
 */
export function upgradableCondition(
  pod: PodRecord,
  answer: { readonly sidecarSet: string; readonly upgradable: boolean },
  now: number,
): JsonObject {
  const all = { ...answers(pod), [answer.sidecarSet]: answer.upgradable };
  const status = Object.values(all).includes(false) ? "False" : "True";
  return {
    type: UPGRADABLE_CONDITION,
    status,
    lastProbeTime: null,
    ...(pod.upgradable?.status === status ? {} : { lastTransitionTime: formatTime(now) }),
    reason: status === "False" ? "UpdateImmutableField" : "AllSidecarsetUpgradable",
    message: encodeSorted(all),
  };
}

function answers({ upgradable }: PodRecord): Readonly<Record<string, Json | undefined>> {
  // Of nearly all pods, and an exception is the dearest part of a judgement.
  if (!upgradable?.message) return {};
  try {
    const message = JSON.parse(upgradable.message) as Json;
    return isJsonObject(message) && !isTooDeep(message) ? message : {};
  } catch {
    return {};
  }
}
