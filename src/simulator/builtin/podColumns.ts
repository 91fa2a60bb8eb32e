import type { Container, ContainerStatus, Pod } from "../../core/kube/pod.ts";
import type { ApiObject } from "../apiObject.ts";
import type { TableColumn } from "../resourceDefinition.ts";
import { age, ageColumn, nameColumn, textColumn } from "../table/columns.ts";

/** kubectl's columns of a pod. */
export const podColumns: readonly TableColumn[] = [
  nameColumn,
  textColumn("Ready", (object) => summaryOf(object).ready),
  textColumn("Status", (object) => summaryOf(object).status),
  textColumn("Restarts", (object, now) => restarts(summaryOf(object), now)),
  ageColumn,
  textColumn("IP", (object) => asPod(object).status?.podIP ?? "<none>", 1),
  textColumn("Node", (object) => asPod(object).spec.nodeName || "<none>", 1),
  textColumn("Nominated Node", (object) => asPod(object).status?.nominatedNodeName || "<none>", 1),
  textColumn("Readiness Gates", (object) => readinessGates(asPod(object)), 1),
];

interface Summary {
  readonly ready: string;
  readonly status: string;
  readonly restartCount: number;
  readonly lastRestart: string | undefined;
}

const summaries = new WeakMap<ApiObject, Summary>();

/** Three columns say the same story, so it is told once per object. */
function summaryOf(object: ApiObject): Summary {
  let summary = summaries.get(object);
  if (!summary) {
    summary = summarise(asPod(object));
    summaries.set(object, summary);
  }
  return summary;
}

function summarise(pod: Pod): Summary {
  const inits = new Map((pod.spec.initContainers ?? []).map((container) => [container.name, container]));
  const sidecars = [...inits.values()].filter(isSidecar);
  const initStatuses = pod.status?.initContainerStatuses ?? [];
  const statuses = pod.status?.containerStatuses ?? [];
  const initializing = initStatus(initStatuses, inits);
  const initialized = initializing.reason === undefined || hasTrueCondition(pod, "Initialized");
  const main = initialized ? mainStatus(pod, statuses) : undefined;
  const counted = initialized
    ? [...initStatuses.filter(({ name }) => isSidecar(inits.get(name))), ...statuses]
    : initStatuses;
  const phase = String(pod.status?.reason ?? pod.status?.phase ?? "");
  const gated = pod.status?.conditions?.some(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  const reason = main?.reason ?? initializing.reason ?? (gated ? "SchedulingGated" : phase);
  return {
    ready: `${initializing.ready + (main?.ready ?? 0)}/${pod.spec.containers.length + sidecars.length}`,
    status: isTerminating(pod) ? "Terminating" : reason,
    restartCount: counted.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
    lastRestart: counted
      .map(({ lastState }) => lastState?.terminated?.finishedAt)
      .filter((time) => time !== undefined)
      .sort()
      .at(-1),
  };
}

/** The first init container that is not done decides; native sidecars that have started count as done, and as ready when they are. */
function initStatus(
  statuses: readonly ContainerStatus[],
  inits: ReadonlyMap<string, Container>,
): { reason: string | undefined; ready: number } {
  let ready = 0;
  for (const [index, { name, state, started, ready: isReady }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (isSidecar(inits.get(name)) && started) {
      if (isReady) ready += 1;
      continue;
    }
    const { terminated, waiting } = state ?? {};
    if (terminated) return { reason: `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode}`}`, ready };
    const waits = waiting?.reason;
    if (waits && waits !== "PodInitializing") return { reason: `Init:${waits}`, ready };
    return { reason: `Init:${index}/${inits.size}`, ready };
  }
  return { reason: undefined, ready };
}

function mainStatus(pod: Pod, statuses: readonly ContainerStatus[]): { reason: string | undefined; ready: number } {
  let reason: string | undefined;
  let failed: string | undefined;
  let ready = 0;
  for (const { state, ready: isReady } of [...statuses].reverse()) {
    if (state?.waiting?.reason) {
      reason = state.waiting.reason;
    } else if (state?.terminated) {
      reason = state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`;
      if (state.terminated.exitCode !== 0) failed = reason;
    } else if (isReady && state?.running) {
      ready += 1;
    }
  }
  if (reason !== "Completed") return { reason, ready };
  if (ready > 0 && hasTrueCondition(pod, "Ready")) return { reason: "Running", ready };
  return { reason: failed ?? (ready > 0 ? "NotReady" : reason), ready };
}

function isTerminating({ metadata, status }: Pod): boolean {
  return Boolean(metadata.deletionTimestamp) && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function restarts({ restartCount, lastRestart }: Summary, now: number): string {
  return restartCount > 0 && lastRestart ? `${restartCount} (${age(lastRestart, now)} ago)` : String(restartCount);
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const open = gates.filter(({ conditionType }) =>
    status?.conditions?.some(({ type, status: value }) => type === conditionType && value === "True"),
  );
  return `${open.length}/${gates.length}`;
}

function hasTrueCondition({ status }: Pod, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

function isSidecar(container: Container | undefined): boolean {
  return container?.restartPolicy === "Always";
}

function asPod(object: ApiObject): Pod {
  return object as unknown as Pod;
}
