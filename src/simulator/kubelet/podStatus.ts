import type { Container, ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from "../../core/kube/pod.ts";
import { unreachable } from "../../core/result.ts";
import { nodeAddress } from "../nodes.ts";
import { timestamp } from "../serverContext.ts";
import { runtimeName } from "./containerImages.ts";
import type { ContainerRecord, Exit } from "./containerRecord.ts";
import type { StepContext } from "./containerSteps.ts";
import { containersOf, hasEnded, isInitialized, type PodRecord } from "./podRecord.ts";
import { probeResults } from "./probes.ts";

type Context = Pick<StepContext, "now" | "timing" | "images">;

/**
 * The status the kubelet reports. Conditions of others (readiness gates, a controller's marks) are not among them.
 * @param before what was reported last: a condition keeps its time as long as it says the same
 */
export function podStatus(record: PodRecord, pod: Pod, before: PodStatus | undefined, context: Context): PodStatus {
  const statuses = containersOf(pod).map(({ container, role }) => ({
    role,
    status: containerStatus(record, pod, container, context),
  }));
  const initContainerStatuses = statuses.filter(({ role }) => role !== "app").map(({ status }) => status);
  const containerStatuses = statuses.filter(({ role }) => role === "app").map(({ status }) => status);
  const hostIP = pod.spec.nodeName === undefined ? undefined : nodeAddress(pod.spec.nodeName);
  const hasSandbox = record.sandboxReadyAt <= context.now;
  return {
    ...(record.observedGeneration === undefined ? {} : { observedGeneration: record.observedGeneration }),
    phase: phaseOf(record, context.now),
    conditions: conditions(record, pod, before, context, statuses),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(hasSandbox ? { podIP: record.address, podIPs: [{ ip: record.address }] } : {}),
    startTime: timestamp(record.startedAt),
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
    qosClass: (pod.status?.qosClass as string | undefined) ?? "BestEffort",
  };
}

function phaseOf(record: PodRecord, now: number): string {
  const apps = record.containers.filter(({ role }) => role === "app");
  if (hasEnded(record, now)) return apps.every(({ lastExit }) => lastExit?.exitCode === 0) ? "Succeeded" : "Failed";
  return apps.every(({ current }) => current !== undefined) ? "Running" : "Pending";
}

function containerStatus(record: PodRecord, pod: Pod, spec: Container, context: Context): ContainerStatus {
  const container = record.containers.find(({ name }) => name === spec.name);
  if (!container)
    return { name: spec.name, ready: false, restartCount: 0, image: spec.image, imageID: "" } as ContainerStatus;
  const { current, lastExit } = container;
  const state = stateOf(container, record, pod, context);
  const probes = state.running && current ? probeResults(spec, current, context.now, context) : undefined;
  const completed = container.role === "init" && state.terminated?.exitCode === 0;
  const showsLast = lastExit !== undefined && !state.terminated;
  return {
    name: container.name,
    state,
    lastState: showsLast ? { terminated: terminated(lastExit) } : {},
    ready: container.role === "init" ? completed : (probes?.ready ?? false),
    started: probes?.started ?? false,
    restartCount: container.restartCount,
    image: current?.image ?? container.wanted,
    imageID: current?.imageId ?? "",
    ...(current ? { containerID: `containerd://${current.containerId}` } : {}),
  };
}

function stateOf(container: ContainerRecord, record: PodRecord, pod: Pod, context: Context): ContainerState {
  const { life, current, lastExit } = container;
  switch (life.at) {
    case "running":
    case "stopping":
      return { running: { startedAt: timestamp(current!.startedAt) } };
    case "starting":
      if (life.failed) return { waiting: { reason: life.failed, message: imageMessage(container, life.failed, pod) } };
      if (lastExit && lastExit.containerId === current?.containerId) return { terminated: terminated(lastExit) };
      return current
        ? { running: { startedAt: timestamp(current.startedAt) } }
        : { waiting: notYet(container, record, pod, context) };
    case "waiting":
      return { waiting: notYet(container, record, pod, context) };
    case "imageFailed":
      return { waiting: { reason: life.reason, message: imageMessage(container, life.reason, pod) } };
    case "backingOff":
      return { waiting: { reason: "CrashLoopBackOff", message: crashMessage(container, life.delay, pod) } };
    case "exited":
      return lastExit ? { terminated: terminated(lastExit) } : { waiting: notYet(container, record, pod, context) };
    default:
      return unreachable(life);
  }
}

function notYet(container: ContainerRecord, record: PodRecord, pod: Pod, context: Context): { reason: string } {
  const blocked = container.role === "app" && !isInitialized(record, pod, context);
  const queued = container.role !== "app" && container.life.at === "waiting";
  return { reason: (blocked || queued) && pod.spec.initContainers?.length ? "PodInitializing" : "ContainerCreating" };
}

function terminated(exit: Exit): NonNullable<ContainerState["terminated"]> {
  return {
    exitCode: exit.exitCode,
    reason: exit.exitCode === 0 ? "Completed" : "Error",
    startedAt: timestamp(exit.startedAt),
    finishedAt: timestamp(exit.finishedAt),
    containerID: `containerd://${exit.containerId}`,
  };
}

function imageMessage(container: ContainerRecord, reason: string, pod: Pod): string {
  const image = runtimeName(container.wanted);
  if (reason === "ErrImagePull") return `failed to pull and unpack image "${image}": ${image}: not found`;
  if (reason === "ImagePullBackOff") return `Back-off pulling image "${container.wanted}"`;
  return crashMessage(container, 20_000, pod);
}

function crashMessage(container: ContainerRecord, delay: number, pod: Pod): string {
  const { name, namespace, uid } = pod.metadata;
  return `back-off ${delay / 1000}s restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
}

function conditions(
  record: PodRecord,
  pod: Pod,
  before: PodStatus | undefined,
  context: Context,
  statuses: readonly { readonly role: ContainerRecord["role"]; readonly status: ContainerStatus }[],
): PodCondition[] {
  const counted = statuses.filter(({ role }) => role !== "init").map(({ status }) => status);
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  const initialized = isInitialized(record, pod, context);
  const completed = hasEnded(record, context.now) && phaseOf(record, context.now) === "Succeeded";
  const running = unready.length === 0 && initialized ? READY : notReady(unready);
  const containersReady: Verdict = completed ? { status: "False", reason: "PodCompleted" } : running;
  const conditions: Record<string, Verdict> = {
    PodReadyToStartContainers:
      record.sandboxReadyAt <= context.now && !hasEnded(record, context.now) ? READY : { status: "False" },
    Initialized: initialized
      ? READY
      : { status: "False", reason: "ContainersNotInitialized", message: "containers with incomplete status" },
    Ready: containersReady === READY ? gates(pod) : containersReady,
    ContainersReady: containersReady,
    PodScheduled: READY,
  };
  return Object.entries(conditions).map(([type, verdict]) =>
    condition(type, verdict, record, pod, before, context.now),
  );
}

interface Verdict {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

const READY: Verdict = { status: "True" };

function notReady(unready: readonly string[]): Verdict {
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { status: "False", reason: "ContainersNotReady", message };
}

function gates(pod: Pod): Verdict {
  const open = (type: string): boolean =>
    pod.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
  const closed = (pod.spec.readinessGates ?? [])
    .map(({ conditionType }) => conditionType)
    .filter((type) => !open(type));
  if (closed.length === 0) return READY;
  const messages = closed.map(
    (type) => `corresponding condition of pod readiness gate "${type}" does not exist or is not True.`,
  );
  return { status: "False", reason: "ReadinessGatesNotReady", message: messages.join(" ") };
}

function condition(
  type: string,
  verdict: Verdict,
  record: PodRecord,
  pod: Pod,
  before: PodStatus | undefined,
  now: number,
): PodCondition {
  const old = (before ?? pod.status)?.conditions?.find((one) => one.type === type);
  const since = old?.status === verdict.status ? old.lastTransitionTime : undefined;
  return {
    type,
    ...verdict,
    ...(record.observedGeneration === undefined ? {} : { observedGeneration: record.observedGeneration }),
    lastTransitionTime: since ?? timestamp(now),
  };
}
