import type { ContainerStatus, Pod } from "../../core/kube/pod.ts";

/**
 * What somebody who only watches pods through the API can say about a rollout. It reads neither the SidecarSet's status nor its
 * annotations, so that the closing figures of the demo are not our own word for it.
 */
export interface Observation {
  readonly pods: ReadonlyMap<string, ObservedPod>;
  /** Set when the upgrade starts: the pods and the application containers that must live through it. */
  readonly baseline: ReadonlyMap<string, ObservedPod> | undefined;
  /** Pods that are unavailable at the moment. */
  readonly unavailable: number;
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

export interface Watched {
  readonly sidecar: string;
  /** Other containers that are no applications: the two of a hot-upgrade pair. */
  readonly pair?: readonly string[];
}

/** What is seen so far; an event costs the same however many pods there are. */
export class Observer implements Observation {
  readonly #watched: Watched;
  readonly #pods = new Map<string, ObservedPod>();
  #baseline: ReadonlyMap<string, ObservedPod> | undefined;
  #unavailable = 0;
  /** Of the baseline, and beside it. */
  #gone = 0;
  #added = 0;
  #recreated = 0;
  #mostUnavailable = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** One event of the watch; `deleted` pods are gone from the API. */
  see(type: "seen" | "deleted", pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const before = this.#pods.get(uid);
    const after = type === "deleted" ? undefined : observedPod(before, pod, this.#watched);
    if (after) this.#pods.set(uid, after);
    else this.#pods.delete(uid);
    this.#unavailable +=
      Number(after !== undefined && unavailable(after)) - Number(before !== undefined && unavailable(before));
    if (!this.#baseline) return;
    const change = Number(after !== undefined) - Number(before !== undefined);
    if (this.#baseline.has(uid)) this.#gone -= change;
    else this.#added += change;
    this.#recreated = Math.max(this.#recreated, this.#gone, this.#added);
    this.#mostUnavailable = Math.max(this.#mostUnavailable, this.#unavailable);
  }

  /** From here on pods must stay, application containers must stay, and unavailability is counted. */
  startCounting(): void {
    this.#baseline = new Map(this.#pods);
    this.#gone = 0;
    this.#added = 0;
    this.#recreated = 0;
    this.#mostUnavailable = this.#unavailable;
  }

  get pods(): ReadonlyMap<string, ObservedPod> {
    return this.#pods;
  }

  get baseline(): ReadonlyMap<string, ObservedPod> | undefined {
    return this.#baseline;
  }

  get unavailable(): number {
    return this.#unavailable;
  }

  get recreated(): number {
    return this.#recreated;
  }

  get mostUnavailable(): number {
    return this.#mostUnavailable;
  }
}

/** Not Ready, or the sidecar's new image is asked for and no new container has been seen yet. */
export function unavailable(pod: ObservedPod): boolean {
  return !pod.ready || restarting(pod);
}

/** The old container is still the one reported: the upgrade has been asked for and is not done. */
function restarting(pod: ObservedPod): boolean {
  return pod.replacedContainerID !== undefined && pod.replacedContainerID === pod.sidecarContainerID;
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

function observedPod(before: ObservedPod | undefined, pod: Pod, { sidecar, pair = [] }: Watched): ObservedPod {
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
    appContainers: statuses.filter(({ name }) => name !== sidecar && !pair.includes(name)).map(identity),
    ready: pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
  };
}

function identity(status: ContainerStatus): string {
  return `${status.name} ${status.containerID ?? ""} ${status.restartCount ?? 0}`;
}
