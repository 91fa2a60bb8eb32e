import type { Pod } from "../../core/kube/pod.ts";
import { isActive, isPodReady, type ReplicaSet, type ReplicaSetStatus, readySince } from "./workload.ts";

/** The pods that go first when there are too many: those that serve least, then the youngest. */
export function surplusPods(pods: readonly Pod[], count: number): Pod[] {
  return [...pods].sort(byWorth).slice(0, count);
}

const PHASES = ["Pending", "Unknown", "Running"];

/** Each is smaller for the pod that is missed less. */
const WORTH: readonly ((pod: Pod) => number)[] = [
  (pod) => (pod.spec.nodeName ? 1 : 0),
  (pod) => PHASES.indexOf(pod.status?.phase ?? "Pending"),
  (pod) => (isPodReady(pod) ? 1 : 0),
  (pod) => Number(pod.metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? 0),
  (pod) => -readySince(pod),
  (pod) => -restarts(pod),
  (pod) => -Date.parse(pod.metadata.creationTimestamp ?? ""),
];

function byWorth(a: Pod, b: Pod): number {
  for (const worth of WORTH) {
    const [left, right] = [worth(a), worth(b)];
    if (left < right) return -1;
    if (left > right) return 1;
  }
  return 0;
}

function restarts({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount));
}

export interface CountedPods {
  readonly status: ReplicaSetStatus;
  /** When the next ready pod becomes available, in milliseconds since the epoch. */
  readonly nextAvailableAt: number | undefined;
}

export function countPods(set: ReplicaSet, pods: readonly Pod[], now: number): CountedPods {
  const active = pods.filter(isActive);
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const labelled = active.filter(({ metadata }) => labels.every(([key, value]) => metadata.labels?.[key] === value));
  const availableAt = active.filter(isPodReady).map((pod) => readySince(pod) + (set.spec.minReadySeconds ?? 0) * 1000);
  const later = availableAt.filter((at) => at > now);
  const conditions = set.status?.conditions;
  return {
    nextAvailableAt: later.length > 0 ? Math.min(...later) : undefined,
    status: {
      replicas: active.length,
      fullyLabeledReplicas: labelled.length,
      readyReplicas: availableAt.length,
      availableReplicas: availableAt.length - later.length,
      observedGeneration: set.metadata.generation ?? 0,
      ...(conditions ? { conditions } : {}),
    },
  };
}
