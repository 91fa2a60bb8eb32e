import type { ControllerRevision, Json, JsonObject } from "../../../src/core/kube/object.ts";
import type { Pod } from "../../../src/core/kube/pod.ts";
import { podRecord } from "../../../src/core/pod/podRecord.ts";
import { RolloutBook } from "../../../src/core/rollout/rolloutBook.ts";
import type { RolloutPlan } from "../../../src/core/rollout/rolloutPlan.ts";
import { rolloutRules } from "../../../src/core/rollout/rolloutRules.ts";
import { INJECTED_LIST_ANNOTATION } from "../../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionOf } from "../../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../../src/core/sidecarSet/sidecarSet.ts";

/** A moment after everything that the recorded cases mention. */
export const NOW = "2026-08-01T00:00:00Z";

export function parsedSet(raw: Json | undefined): SidecarSet {
  const result = parseSidecarSet(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export function podsOf(input: JsonObject): readonly Pod[] {
  return input.pods as unknown as readonly Pod[];
}

/** The recorded pods of a batch are those that the set matches; most do not carry the list that says so. */
export function matched(pods: readonly Pod[], sidecarSet: string): readonly Pod[] {
  return pods.map((pod) => {
    const annotations = { ...pod.metadata.annotations, [INJECTED_LIST_ANNOTATION]: sidecarSet };
    return { ...pod, metadata: { ...pod.metadata, annotations } };
  });
}

export function bookOf(set: SidecarSet, pods: readonly Pod[]): RolloutBook {
  return RolloutBook.open(rolloutRules(set), pods.map(podRecord));
}

/** The plan of a set whose present template is recorded already. */
export function planOf(book: RolloutBook, set: SidecarSet, now = Date.parse(NOW)): RolloutPlan {
  const latest: ControllerRevision = revisionOf(set, { revision: 1, collisionCount: 0 });
  return book.plan({ revisions: [latest], collisionCount: 0, now });
}

export function names(plan: RolloutPlan, kind: "upgradePod" | "flipPod"): readonly string[] {
  return plan.actions.flatMap((action) => (action.kind === kind ? [action.pod.name] : []));
}
