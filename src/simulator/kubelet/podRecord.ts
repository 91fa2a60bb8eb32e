import type { Container, ContainerStatus, Pod } from "../../core/kube/pod.ts";
import { runtimeName } from "./containerImages.ts";
import type { ContainerRecord } from "./containerRecord.ts";
import {
  advanceContainer,
  changeImage,
  containerWake,
  endContainer,
  type StepContext,
  startContainer,
} from "./containerSteps.ts";
import { lasting } from "./kubeletTiming.ts";
import { probeResults } from "./probes.ts";

/** One pod as its node knows it. */
export interface PodRecord {
  readonly startedAt: number;
  readonly sandboxReadyAt: number;
  readonly address: string;
  /** The generation of the spec that the kubelet has acted on. */
  readonly observedGeneration: number | undefined;
  /** When it acts on a change it has heard of. */
  readonly syncAt: number | undefined;
  /** Init containers in order, then the others. */
  readonly containers: readonly ContainerRecord[];
  readonly ending: { readonly until: number } | undefined;
}

/** A pod that was just bound to the node. */
export function openPod(pod: Pod, address: string, { now, timing, pace }: StepContext): PodRecord {
  return {
    startedAt: now,
    sandboxReadyAt: now + lasting("sandbox", { timing, pace }),
    address,
    observedGeneration: pod.metadata.generation,
    syncAt: undefined,
    containers: containersOf(pod).map(({ container, role }) => ({
      name: container.name,
      role,
      restarts: restartsOf(pod, role),
      completes: role === "init" || (role === "app" && isJobs(pod)),
      wanted: container.image ?? "",
      life: { at: "waiting" },
      current: undefined,
      restartCount: 0,
      lastExit: undefined,
      backOff: {},
    })),
    ending: undefined,
  };
}

/** Init containers are tried until they succeed, unless the pod forbids it; native sidecars run as long as the pod does. */
function restartsOf({ spec }: Pod, role: ContainerRecord["role"]): ContainerRecord["restarts"] {
  if (role === "sidecar") return "always";
  if (spec.restartPolicy === "Never") return "never";
  return role === "init" || spec.restartPolicy === "OnFailure" ? "onFailure" : "always";
}

/** What a Job runs comes to an end by itself. */
function isJobs({ metadata }: Pod): boolean {
  return metadata.ownerReferences?.some(({ kind, controller }) => controller && kind === "Job") ?? false;
}

/** A pod that ran here before this kubelet did: what its status says is believed. */
export function adoptPod(pod: Pod, address: string, context: StepContext): PodRecord {
  const opened = openPod(pod, (pod.status?.podIP as string | undefined) ?? address, context);
  const { containerStatuses = [], initContainerStatuses = [], startTime } = pod.status ?? {};
  const statuses = new Map([...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status]));
  return {
    ...opened,
    startedAt: startTime === undefined ? context.now : Date.parse(startTime),
    sandboxReadyAt: pod.status?.podIP === undefined ? opened.sandboxReadyAt : context.now,
    observedGeneration: pod.status?.observedGeneration ?? opened.observedGeneration,
    containers: opened.containers.map((container) => adoptContainer(container, statuses.get(container.name))),
  };
}

function adoptContainer(container: ContainerRecord, status: ContainerStatus | undefined): ContainerRecord {
  if (status?.state?.terminated)
    return { ...container, life: { at: "exited" }, restartCount: status.restartCount ?? 0 };
  const startedAt = status?.state?.running?.startedAt;
  if (startedAt === undefined || status?.containerID === undefined) return container;
  const image = status.image ?? "";
  const startedFrom = runtimeName(container.wanted) === image ? container.wanted : image;
  return {
    ...container,
    wanted: startedFrom,
    life: { at: "running" },
    restartCount: status.restartCount ?? 0,
    current: {
      containerId: status.containerID.replace(/^containerd:\/\//, ""),
      startedFrom,
      image,
      imageId: status.imageID ?? "",
      startedAt: Date.parse(startedAt),
      follows: false,
      pace: 1,
    },
  };
}

/** The record as it stands at `now`, given what the API says about the pod. */
export function advancePod(record: PodRecord, pod: Pod, context: StepContext): PodRecord {
  if (record.ending) return record.ending.until <= context.now ? endPod(record, context.now) : record;
  if (pod.metadata.deletionTimestamp) {
    const ending = { until: context.now + stopTime(record, pod, context) };
    return advancePod({ ...record, ending }, pod, context);
  }
  const brought = bringUp(actOnSpec(record, pod, context), pod, context);
  if (!isDone(brought)) return brought;
  const ending = { until: context.now + stopTime(brought, pod, context) };
  return advancePod({ ...brought, ending }, pod, context);
}

/** Nothing of it will run again: its programs have ended, or one that had to succeed has not. */
function isDone({ containers }: PodRecord): boolean {
  const apps = containers.filter(({ role }) => role === "app");
  const failedInit = containers.some(
    ({ role, life, lastExit }) =>
      role === "init" && life.at === "exited" && lastExit !== undefined && lastExit.exitCode !== 0,
  );
  return failedInit || (apps.length > 0 && apps.every(({ life }) => life.at === "exited"));
}

/** When the pod changes by itself next; undefined when it waits for the API. */
export function podWake(record: PodRecord, pod: Pod, context: StepContext): number | undefined {
  if (record.ending) return record.ending.until > context.now ? record.ending.until : undefined;
  const specs = new Map(containersOf(pod).map(({ container }) => [container.name, container]));
  const times = record.containers.flatMap((container) => {
    const spec = specs.get(container.name);
    const probes =
      spec && container.current ? probeResults(spec, container.current, context.now, context).until : undefined;
    return [containerWake(container, context), probes];
  });
  const ahead = [record.syncAt, record.sandboxReadyAt, ...times].filter(
    (at): at is number => at !== undefined && at > context.now,
  );
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}

export function hasEnded(record: PodRecord, now: number): boolean {
  return record.ending !== undefined && record.ending.until <= now;
}

/** A native sidecar counts as initialised once it has started, a plain init container once it has completed. */
export function isInitialized(
  record: PodRecord,
  pod: Pod,
  context: Pick<StepContext, "now" | "timing" | "images">,
): boolean {
  const specs = new Map(containersOf(pod).map(({ container }) => [container.name, container]));
  return record.containers
    .filter(({ role }) => role !== "app")
    .every((container) => letsNextStart(container, specs.get(container.name), context));
}

export function containersOf(pod: Pod): { readonly container: Container; readonly role: ContainerRecord["role"] }[] {
  const init = (pod.spec.initContainers ?? []).map((container) => ({
    container,
    role: container.restartPolicy === "Always" ? ("sidecar" as const) : ("init" as const),
  }));
  return [...init, ...pod.spec.containers.map((container) => ({ container, role: "app" as const }))];
}

function endPod(record: PodRecord, now: number): PodRecord {
  return { ...record, containers: record.containers.map((container) => endContainer(container, now)) };
}

function stopTime(record: PodRecord, pod: Pod, { timing, pace }: StepContext): number {
  const runs = record.containers.some(({ life }) => life.at === "running" || life.at === "stopping");
  const grace = (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
  return runs ? Math.min(grace, lasting("stop", { timing, pace })) : 0;
}

/** Hears of a new spec at once, acts on it a moment later, on all changed containers in the same moment. */
function actOnSpec(record: PodRecord, pod: Pod, context: StepContext): PodRecord {
  const { now, timing, pace } = context;
  const specs = new Map(containersOf(pod).map(({ container }) => [container.name, container]));
  const isChanged = ({ name, wanted }: ContainerRecord): boolean => (specs.get(name)?.image ?? wanted) !== wanted;
  const news = record.observedGeneration !== pod.metadata.generation || record.containers.some(isChanged);
  if (!news) return record;
  const syncAt = record.syncAt ?? now + lasting("sync", { timing, pace });
  if (syncAt > now) return { ...record, syncAt };
  return {
    ...record,
    syncAt: undefined,
    observedGeneration: pod.metadata.generation,
    containers: record.containers.map((container) =>
      isChanged(container) ? changeImage(container, specs.get(container.name)?.image ?? "", context) : container,
    ),
  };
}

/** Init containers one after the other, then all others together. */
function bringUp(record: PodRecord, pod: Pod, context: StepContext): PodRecord {
  if (record.sandboxReadyAt > context.now) return record;
  const specs = new Map(containersOf(pod).map(({ container }) => [container.name, container]));
  let open = true;
  const containers = record.containers.map((container) => {
    const admitted = open && container.life.at === "waiting" ? startContainer(container, context) : container;
    const advanced = advanceContainer(admitted, context);
    if (advanced.role !== "app") open &&= letsNextStart(advanced, specs.get(advanced.name), context);
    return advanced;
  });
  return { ...record, containers };
}

function letsNextStart(
  record: ContainerRecord,
  spec: Container | undefined,
  context: Pick<StepContext, "now" | "timing" | "images">,
): boolean {
  if (record.role === "init") return record.life.at === "exited";
  return record.current !== undefined && (!spec || probeResults(spec, record.current, context.now, context).started);
}
