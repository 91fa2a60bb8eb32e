import type { ContainerStatus, Pod } from "../../core/kube/pod.ts";

/**
 * What somebody who only watches pods through the API can say about a rollout. It reads neither the SidecarSet's status nor its
 * annotations, so that the closing figures of the demo are not our own word for it.
 */
export interface Observation {
  readonly pods: ReadonlyMap<string, ObservedPod>;
  /** Set when the upgrade starts: the pods and the application containers that must live through it. */
  readonly baseline: ReadonlyMap<string, ObservedPod> | undefined;
  /** Pods that vanished or came anew since the baseline. */
  readonly recreated: number;
  /** Most pods unavailable at one moment since the baseline. */
  readonly mostUnavailable: number;
}

export interface ObservedPod {
  readonly uid: string;
  readonly name: string;
  readonly node: string;
  /** What the spec asks the sidecar to run. */
  readonly sidecarImage: string | undefined;
  /** The running container of the sidecar, and the one that ran when its image was last changed. */
  readonly sidecarContainerID: string | undefined;
  readonly replacedContainerID: string | undefined;
  readonly appContainers: readonly string[];
  readonly ready: boolean;
}

export const NOTHING_SEEN: Observation = { pods: new Map(), baseline: undefined, recreated: 0, mostUnavailable: 0 };

export interface Watched {
  readonly sidecar: string;
}

/** One event of the watch; `deleted` pods are gone from the API. */
export function observe(
  before: Observation,
  event: { type: "seen" | "deleted"; pod: Pod },
  watched: Watched,
): Observation {
  const uid = event.pod.metadata.uid ?? "";
  const pods = new Map(before.pods);
  if (event.type === "deleted") pods.delete(uid);
  else pods.set(uid, observedPod(before.pods.get(uid), event.pod, watched));
  return withTotals({ ...before, pods });
}

/** From here on pods must stay, application containers must stay, and unavailability is counted. */
export function startCounting(before: Observation): Observation {
  return { ...before, baseline: before.pods, recreated: 0, mostUnavailable: unavailablePods(before) };
}

/** Not Ready, or the sidecar's new image is asked for and no new container has been seen yet. */
export function unavailable(pod: ObservedPod): boolean {
  return !pod.ready || restarting(pod);
}

/** The old container is still the one reported: the upgrade has been asked for and is not done. */
function restarting(pod: ObservedPod): boolean {
  return pod.replacedContainerID !== undefined && pod.replacedContainerID === pod.sidecarContainerID;
}

export function unavailablePods(observation: Observation): number {
  let count = 0;
  for (const pod of observation.pods.values()) if (unavailable(pod)) count++;
  return count;
}

/** Application containers of the baseline's pods that are no longer the same container. */
export function restartedAppContainers(observation: Observation): number {
  let count = 0;
  for (const [uid, old] of observation.baseline ?? []) {
    const now = observation.pods.get(uid);
    if (now) count += old.appContainers.filter((container) => !now.appContainers.includes(container)).length;
  }
  return count;
}

function withTotals(observation: Observation): Observation {
  const { baseline, pods } = observation;
  if (!baseline) return observation;
  const gone = [...baseline.keys()].filter((uid) => !pods.has(uid)).length;
  const added = [...pods.keys()].filter((uid) => !baseline.has(uid)).length;
  return {
    ...observation,
    recreated: Math.max(observation.recreated, gone, added),
    mostUnavailable: Math.max(observation.mostUnavailable, unavailablePods(observation)),
  };
}

function observedPod(before: ObservedPod | undefined, pod: Pod, { sidecar }: Watched): ObservedPod {
  const image = pod.spec.containers.find(({ name }) => name === sidecar)?.image;
  const statuses = pod.status?.containerStatuses ?? [];
  const changed = before !== undefined && before.sidecarImage !== image;
  return {
    uid: pod.metadata.uid ?? "",
    name: pod.metadata.name ?? "",
    node: pod.spec.nodeName ?? "",
    sidecarImage: image,
    sidecarContainerID: statuses.find(({ name }) => name === sidecar)?.containerID,
    replacedContainerID: changed ? before.sidecarContainerID : before?.replacedContainerID,
    appContainers: statuses.filter(({ name }) => name !== sidecar).map(identity),
    ready: pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
  };
}

function identity(status: ContainerStatus): string {
  return `${status.name} ${status.containerID ?? ""} ${status.restartCount ?? 0}`;
}
