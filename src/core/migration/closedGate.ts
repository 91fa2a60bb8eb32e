import type { PodEntry } from "../injection/registration/planRegistration.ts";
import { isJsonList, isJsonObject, type JsonObject } from "../kube/object.ts";

/**
 * OpenKruise's entry for new pods, cut down to the pods that SidecarSets select and closed: while its manager is gone and ours has not
 * registered yet these are refused, since they would start without their sidecars and stay so. All other pods pass.
 * @param theirs the entries of OpenKruise's mutating configuration
 * @param entries which pods the SidecarSets select
 * @returns none where OpenKruise is not asked about new pods, or no SidecarSet selects any
 */
export function closedGate(theirs: readonly JsonObject[], entries: readonly PodEntry[]): readonly JsonObject[] {
  const forPods = theirs.find(isForNewPods);
  if (!forPods) return [];
  return entries.map(({ failurePolicy, namespaceSelector, objectSelector, matchCondition }) => ({
    ...forPods,
    name: `gate-${failurePolicy.toLowerCase()}.sidecarset.kruise.io`,
    failurePolicy: "Fail",
    namespaceSelector: { ...namespaceSelector } as JsonObject,
    objectSelector: { ...objectSelector } as JsonObject,
    ...(matchCondition !== undefined && {
      matchConditions: [{ name: "selected-by-a-sidecarset", expression: matchCondition }],
    }),
  }));
}

/** Entries that refuse nothing while nobody answers them. */
export function openGates(webhooks: readonly JsonObject[]): readonly JsonObject[] {
  return webhooks.map((webhook) => ({ ...webhook, failurePolicy: "Ignore" }));
}

export function isForNewPods({ rules }: JsonObject): boolean {
  return (isJsonList(rules) ? rules : []).some(
    (rule) => isJsonObject(rule) && has(rule.resources, "pods") && has(rule.operations, "CREATE"),
  );
}

function has(list: unknown, wanted: string): boolean {
  return isJsonList(list) && list.some((item) => item === wanted || item === "*");
}
