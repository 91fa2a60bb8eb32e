import type { LabelSelector } from "../../core/kube/labelSelector.ts";
import type { JsonObject, KubeObject, ObjectMeta } from "../../core/kube/object.ts";
import type { Pod, PodSpec } from "../../core/kube/pod.ts";

export interface PodTemplate {
  readonly metadata?: Pick<ObjectMeta, "labels" | "annotations" | "finalizers">;
  readonly spec: PodSpec;
}

export interface WorkloadCondition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime: string;
}

/** apps/v1 ReplicaSet: the fields we read. */
export interface ReplicaSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
  };
  readonly status?: ReplicaSetStatus;
}

export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number;
  readonly conditions?: readonly WorkloadCondition[];
}

/** apps/v1 Deployment: the fields we read. */
export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly minReadySeconds?: number;
    readonly revisionHistoryLimit?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
    readonly strategy?: {
      readonly type?: "RollingUpdate" | "Recreate";
      readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
    };
  };
  readonly status?: JsonObject & { readonly conditions?: readonly WorkloadCondition[] };
}

export function isPodReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
}

export function readySince({ status }: Pod): number {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? Date.parse(ready.lastTransitionTime ?? "") || 0 : Number.POSITIVE_INFINITY;
}

/** A pod that counts towards a workload's replicas. */
export function isActive({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

/** Kubernetes leaves counters that are zero out of a status. */
export function withoutZeros<T extends object>(status: T): Partial<T> {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0)) as Partial<T>;
}

/** The same as a merge patch: a counter that became zero goes. */
export function zerosAsNull(status: object): JsonObject {
  return Object.fromEntries(Object.entries(status).map(([field, value]) => [field, value === 0 ? null : value]));
}
