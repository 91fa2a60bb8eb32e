import { timestamp } from "../serverContext.ts";
import { available, currentSet, desired, limits, total } from "./deploymentPlan.ts";
import type { Deployment, ReplicaSet, WorkloadCondition } from "./workload.ts";

export interface DeploymentStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly unavailableReplicas: number;
  readonly conditions: readonly WorkloadCondition[];
}

export function deploymentStatus(deployment: Deployment, sets: readonly ReplicaSet[], now: number): DeploymentStatus {
  const current = currentSet(deployment, sets);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(sets, "replicas"),
    updatedReplicas: current ? sum([current], "replicas") : 0,
    readyReplicas: sum(sets, "readyReplicas"),
    availableReplicas: available(sets),
    unavailableReplicas: Math.max(0, total(sets) - available(sets)),
  };
  const wanted = desired(deployment);
  const enough = counts.availableReplicas >= wanted - limits(deployment).unavailable;
  const complete =
    counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  return {
    ...counts,
    conditions: [availability(enough), progress(current, complete)].map((one) => dated(one, deployment, now)),
  };
}

type Undated = Omit<WorkloadCondition, "lastUpdateTime" | "lastTransitionTime">;

function availability(enough: boolean): Undated {
  return enough
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

function progress(current: ReplicaSet | undefined, complete: boolean): Undated {
  const name = current?.metadata.name ?? "";
  return complete
    ? {
        type: "Progressing",
        status: "True",
        reason: "NewReplicaSetAvailable",
        message: `ReplicaSet "${name}" has successfully progressed.`,
      }
    : {
        type: "Progressing",
        status: "True",
        reason: "ReplicaSetUpdated",
        message: `ReplicaSet "${name}" is progressing.`,
      };
}

/** A condition keeps its times as long as it says the same. */
function dated(condition: Undated, deployment: Deployment, now: number): WorkloadCondition {
  const old = deployment.status?.conditions?.find(({ type }) => type === condition.type);
  const same = old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  return {
    ...condition,
    lastUpdateTime: (same && old.lastUpdateTime) || timestamp(now),
    lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : timestamp(now),
  };
}

function sum(sets: readonly ReplicaSet[], field: "replicas" | "readyReplicas"): number {
  return sets.reduce((before, { status }) => before + (status?.[field] ?? 0), 0);
}
