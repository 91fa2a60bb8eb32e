import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { Change, LocalCopy } from "../../cluster/localCopy.ts";
import { PODS } from "../../cluster/resource.ts";
import type { JsonObject } from "../../core/kube/object.ts";
import type { Pod, PodStatus } from "../../core/kube/pod.ts";
import { sameJson } from "../apiObject.ts";
import type { EventRecorder } from "../events/eventRecorder.ts";
import { containerEvents } from "./containerEvents.ts";
import { type ContainerImages, IMAGES_BY_NAME } from "./containerImages.ts";
import type { StepContext } from "./containerSteps.ts";
import { DEFAULT_TIMING, type KubeletTiming } from "./kubeletTiming.ts";
import { adoptPod, advancePod, hasEnded, openPod, type PodRecord, podWake } from "./podRecord.ts";
import { podStatus } from "./podStatus.ts";

export interface KubeletOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly pods: LocalCopy<Pod>;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** Whose pods it runs; those of every node when left out. */
  readonly nodes?: ReadonlySet<string>;
  readonly timing?: Partial<KubeletTiming>;
  readonly images?: ContainerImages;
  readonly events?: EventRecorder;
}

/**
 * Plays the kubelets of all its nodes, and their container runtime: pods that are bound to one of them get a status as if their
 * containers ran. It needs only the API, so it serves a real control plane as well.
 */
export function startKubelet(options: KubeletOptions): void {
  const workers = new Map<string, PodWorker>();
  let pods = 0;
  const see = (pod: Pod): void => {
    const { uid = "" } = pod.metadata;
    if (options.signal.aborted || pod.spec.nodeName === undefined) return;
    if (options.nodes && !options.nodes.has(pod.spec.nodeName)) return;
    let worker = workers.get(uid);
    if (!worker) {
      worker = new PodWorker(options, podAddress(++pods));
      workers.set(uid, worker);
    }
    worker.see(pod);
  };
  const forget = ({ metadata: { uid = "" } }: Pod): void => {
    workers.get(uid)?.stop();
    workers.delete(uid);
  };
  const unsubscribe = options.pods.subscribe((change: Change<Pod>) => {
    if (
      change.type !== "added" &&
      change.old.metadata.uid !== (change.type === "updated" ? change.object.metadata.uid : "")
    )
      forget(change.old);
    if (change.type !== "deleted") see(change.object);
  });
  options.signal.addEventListener("abort", () => {
    unsubscribe();
    for (const worker of workers.values()) worker.stop();
  });
  for (const pod of options.pods.values()) see(pod);
}

/** 10.244.0.0/16, one after the other. */
function podAddress(index: number): string {
  return `10.244.${(index >>> 8) & 255}.${index & 255}`;
}

const RETRY_MS = 1_000;

/** One pod: keeps its record moving, and the API informed. At most one write is under way. */
class PodWorker {
  readonly #options: KubeletOptions;
  readonly #address: string;
  #pod: Pod | undefined;
  #record: PodRecord | undefined;
  #reported: PodStatus | undefined;
  #writing = false;
  #cancelTimer: () => void = () => {};
  #stopped = false;

  constructor(options: KubeletOptions, address: string) {
    this.#options = options;
    this.#address = address;
  }

  see(pod: Pod): void {
    this.#pod = pod;
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  #look(): void {
    const pod = this.#pod;
    if (this.#stopped || !pod) return;
    this.#cancelTimer();
    const context = this.#context();
    if (isFinished(pod) && (this.#record === undefined || !isFinished({ status: this.#reported }))) {
      // Finished before we came, or by somebody else, as an eviction does: a pod does not come back from that.
      if (pod.metadata.deletionTimestamp) void this.#write(() => this.#remove(pod));
      return;
    }
    const before = this.#record;
    this.#record ??=
      pod.status?.startTime === undefined
        ? openPod(pod, this.#address, context)
        : adoptPod(pod, this.#address, context);
    // What an adopted pod went through before was told by whoever ran it.
    const told = before ?? (pod.status?.startTime === undefined ? undefined : this.#record);
    this.#record = advancePod(this.#record, pod, context);
    for (const event of containerEvents(told, this.#record, pod)) this.#options.events?.record(pod, event);
    this.#wakeAt(podWake(this.#record, pod, context), context.now);
    this.#report(this.#record, pod, context);
  }

  #report(record: PodRecord, pod: Pod, context: StepContext): void {
    const status = podStatus(record, pod, this.#reported, context);
    if (!sameJson(status, this.#reported)) void this.#write(() => this.#writeStatus(pod, status));
    else if (hasEnded(record, context.now) && pod.metadata.deletionTimestamp) void this.#write(() => this.#remove(pod));
  }

  async #writeStatus(pod: Pod, status: PodStatus): Promise<void> {
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    const patch = { metadata: { uid }, status: statusPatch(status) };
    await this.#options.cluster.patch(
      PODS,
      { name, namespace },
      { type: "strategic", patch },
      { subresource: "status" },
    );
    this.#reported = status;
  }

  async #remove(pod: Pod): Promise<void> {
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    await this.#options.cluster.delete(PODS, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
    this.stop();
  }

  /** Looks again afterwards: time and the pod have moved on meanwhile. */
  async #write(write: () => Promise<void>): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    try {
      await write();
      this.#writing = false;
      this.#look();
    } catch (error) {
      this.#writing = false;
      if (isClusterError(error, "notFound", "conflict")) return;
      this.#options.environment.log("warn", "kubelet could not write", {
        pod: this.#pod?.metadata.name,
        error: String(error),
      });
      const { clock } = this.#options.environment;
      this.#wakeAt(clock.now() + RETRY_MS, clock.now());
    }
  }

  #wakeAt(time: number | undefined, now: number): void {
    this.#cancelTimer();
    this.#cancelTimer =
      time === undefined || this.#stopped
        ? () => {}
        : this.#options.environment.clock.after(time - now, () => this.#look());
  }

  #context(): StepContext {
    const { environment, timing, images } = this.#options;
    return {
      now: environment.clock.now(),
      pace: 0.75 + environment.random() / 2,
      timing: { ...DEFAULT_TIMING, ...timing },
      images: images ?? IMAGES_BY_NAME,
      newContainerId: () => hex(environment.random, 64),
    };
  }
}

function isFinished({ status }: { readonly status?: PodStatus | undefined }): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** A condition that has no reason any more must say so: a strategic merge would keep the old one. */
function statusPatch(status: PodStatus): JsonObject {
  const conditions = status.conditions?.map((condition) => ({ reason: null, message: null, ...condition }));
  return { ...status, conditions } as unknown as JsonObject;
}

function hex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}
