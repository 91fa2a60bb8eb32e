import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { timestamp } from "../serverContext.ts";
import { isDeleting } from "./objectKey.ts";
import { podFromTemplate } from "./podFromTemplate.ts";
import type { PodSetAction, PodSetPlan, Surroundings } from "./podSetController.ts";
import { isActive, isPodReady, type PodTemplate } from "./workload.ts";

/** batch/v1 Job: the fields we read. */
export interface Job extends KubeObject {
  readonly spec: {
    readonly parallelism?: number;
    readonly completions?: number;
    readonly backoffLimit?: number;
    readonly suspend?: boolean;
    readonly template: PodTemplate;
  };
  readonly status?: {
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly conditions?: readonly JsonObject[];
  };
}

const BACK_OFF = { firstMs: 10_000, longestMs: 600_000 };

/** As many pods at a time as may run together, until enough have succeeded or too many have failed. Ended pods stay, for their logs. */
export function planJob(job: Job, { pods, now }: Surroundings): PodSetPlan {
  const { status = {} } = job;
  if (status.conditions?.some(({ type }) => type === "Complete" || type === "Failed")) {
    return { actions: [], status: status as JsonObject };
  }
  const active = pods.filter((pod) => isActive(pod));
  // An ended pod that somebody deletes has ended all the same.
  const succeeded = Math.max(status.succeeded ?? 0, ended(pods, "Succeeded").length);
  const failed = Math.max(status.failed ?? 0, ended(pods, "Failed").length);
  const { completions, backoffLimit = 6, suspend } = job.spec;
  const isComplete = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  const counts = { active: active.length, succeeded, failed, ready: active.filter(isPodReady).length };
  if (isComplete) return finished(job, counts, now);
  if (failed > backoffLimit) return { ...finished(job, counts, now, FAILED), actions: active.map(remove) };
  if (suspend) return { actions: active.map(remove), status: statusOf(job, { ...counts, active: 0 }, now) };
  const startAt = mayStartAt(pods, failed);
  const missing = wanted(job, succeeded) - active.length - pods.filter((pod) => isDeleting(pod)).length;
  const waits = missing > 0 && startAt > now;
  const creating = waits ? 0 : Math.max(0, missing);
  return {
    actions: Array.from(
      { length: creating },
      (): PodSetAction => ({ do: "createPod", pod: podFromTemplate(job, job.spec.template) }),
    ),
    status: statusOf(job, counts, now),
    wakeAt: waits ? startAt : undefined,
  };
}

function wanted({ spec }: Job, succeeded: number): number {
  const { parallelism = 1, completions } = spec;
  // Without a number of completions, nothing new starts after the first success.
  if (completions === undefined) return succeeded > 0 ? 0 : parallelism;
  return Math.min(parallelism, completions - succeeded);
}

function ended(pods: readonly Pod[], phase: string): Pod[] {
  return pods.filter(({ status }) => status?.phase === phase);
}

/** 10 s after the first failure, then 20 s and so on. */
function mayStartAt(pods: readonly Pod[], failed: number): number {
  if (failed === 0) return 0;
  const ends = ended(pods, "Failed").flatMap(({ status }) =>
    (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? "") || 0),
  );
  return Math.max(0, ...ends) + Math.min(BACK_OFF.firstMs * 2 ** (failed - 1), BACK_OFF.longestMs);
}

function remove(pod: Pod): PodSetAction {
  return { do: "deletePod", pod };
}

interface Counts {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly ready: number;
}

interface Outcome {
  readonly conditions: readonly (readonly [type: string, reason: string, message: string])[];
  readonly succeeds: boolean;
}

const COMPLETE: Outcome = {
  conditions: ["SuccessCriteriaMet", "Complete"].map((type) => [
    type,
    "CompletionsReached",
    "Reached expected number of succeeded pods",
  ]),
  succeeds: true,
};
const FAILED: Outcome = {
  conditions: ["FailureTarget", "Failed"].map((type) => [
    type,
    "BackoffLimitExceeded",
    "Job has reached the specified backoff limit",
  ]),
  succeeds: false,
};

function finished(job: Job, counts: Counts, now: number, outcome = COMPLETE): PodSetPlan {
  const time = timestamp(now);
  const conditions = outcome.conditions.map(([type, reason, message]) => ({
    type,
    status: "True",
    reason,
    message,
    lastProbeTime: time,
    lastTransitionTime: time,
  }));
  const status = statusOf(job, { ...counts, active: 0, ready: 0 }, now);
  return { actions: [], status: { ...status, conditions, ...(outcome.succeeds ? { completionTime: time } : {}) } };
}

function statusOf({ status, spec }: Job, { active, succeeded, failed, ready }: Counts, now: number): JsonObject {
  const startTime = status?.startTime ?? (spec.suspend ? undefined : timestamp(now));
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(active > 0 ? { active } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ready,
    terminating: 0,
    uncountedTerminatedPods: {},
  };
}
