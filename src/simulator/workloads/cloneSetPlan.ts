import { resolveIntOrPercent } from "../../core/kube/intOrPercent.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { isDeleting } from "./objectKey.ts";
import { podFromTemplate } from "./podFromTemplate.ts";
import type { PodSetAction, PodSetPlan, Surroundings } from "./podSetController.ts";
import { surplusPods } from "./replicaSetPlan.ts";
import { templateRevisions } from "./templateRevisions.ts";
import { isActive, isPodReady, type PodTemplate, readySince } from "./workload.ts";

/** apps.kruise.io CloneSet: the fields we read. */
export interface CloneSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
    readonly updateStrategy?: {
      readonly partition?: number | string;
      readonly maxUnavailable?: number | string;
      readonly paused?: boolean;
    };
  };
}

const REVISION_LABEL = "controller-revision-hash";

/** As many pods as asked for; those of an old revision are made anew, as far as partition and maxUnavailable allow. */
export function planCloneSet(set: CloneSet, { pods, revisions, now }: Surroundings): PodSetPlan {
  const { update, actions } = templateRevisions(set, revisions, REVISION_LABEL);
  const name = update.metadata.name!;
  const active = pods.filter((pod) => isActive(pod));
  const ended = pods.filter((pod) => !isActive(pod) && !isDeleting(pod));
  const isUpdated = (pod: Pod): boolean => pod.metadata.labels?.[REVISION_LABEL] === name;
  const availableAt = (pod: Pod): number => readySince(pod) + (set.spec.minReadySeconds ?? 0) * 1000;
  const isAvailable = (pod: Pod): boolean => isPodReady(pod) && availableAt(pod) <= now;
  const replicas = set.spec.replicas ?? 1;
  const missing = replicas - active.length;
  const creating = Array.from(
    { length: Math.max(0, missing) },
    (): PodSetAction => ({
      do: "createPod",
      pod: podFromTemplate(set, set.spec.template, { labels: { [REVISION_LABEL]: name } }),
    }),
  );
  const { partition = 0, maxUnavailable = "20%", paused } = set.spec.updateStrategy ?? {};
  const old = active.filter((pod) => !isUpdated(pod));
  const due = paused ? 0 : Math.max(0, old.length - podsOf(partition, replicas, "up"));
  const room = Math.max(0, podsOf(maxUnavailable, replicas, "up") - (replicas - active.filter(isAvailable).length));
  const replacing = missing === 0 ? surplusPods(old, Math.min(due, room)) : [];
  const leaving = missing < 0 ? surplusPods([...active].sort(oldRevisionFirst(isUpdated)), -missing) : [];
  const waiting = active
    .filter(isPodReady)
    .map(availableAt)
    .filter((at) => at > now);
  return {
    actions: [
      ...actions,
      ...creating,
      ...[...ended, ...leaving, ...replacing].map((pod): PodSetAction => ({ do: "deletePod", pod })),
    ],
    status: {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: active.length,
      readyReplicas: active.filter(isPodReady).length,
      availableReplicas: active.filter(isAvailable).length,
      updatedReplicas: active.filter(isUpdated).length,
      updatedReadyReplicas: active.filter((pod) => isUpdated(pod) && isPodReady(pod)).length,
      expectedUpdatedReplicas: replicas - podsOf(partition, replicas, "up"),
      updateRevision: name,
      labelSelector: Object.entries(set.spec.selector.matchLabels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(","),
    },
    wakeAt: waiting.length > 0 ? Math.min(...waiting) : undefined,
  };
}

function podsOf(value: number | string, of: number, rounding: "up" | "down"): number {
  const resolved = resolveIntOrPercent(value, of, rounding);
  return resolved.ok ? Math.min(resolved.value, of) : 0;
}

function oldRevisionFirst(isUpdated: (pod: Pod) => boolean): (a: Pod, b: Pod) => number {
  return (a, b) => Number(isUpdated(a)) - Number(isUpdated(b));
}
