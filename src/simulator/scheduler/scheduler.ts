import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import { PODS } from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import type { EventRecorder } from "../events/eventRecorder.ts";
import type { Node } from "../nodes.ts";
import { timestamp } from "../serverContext.ts";
import { Occupancy, placePod, zoneOf } from "./placement.ts";

export interface SchedulerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly pods: LocalCopy<Pod>;
  readonly nodes: LocalCopy<Node>;
  readonly events?: EventRecorder;
}

const NAME = "default-scheduler";
const RETRY_MS = 1_000;

/** Gives every pod without a node one, spread over zones and nodes, through the binding subresource. */
export function startScheduler(options: SchedulerOptions): void {
  const scheduler = new Scheduler(options);
  const unsubscribe = [
    options.pods.subscribe((change) => scheduler.seePod(change.type === "deleted" ? undefined : change.object)),
    // A node that came, or changed, may take pods that found no place before.
    options.nodes.subscribe(() => scheduler.wake()),
  ];
  options.signal.addEventListener("abort", () => {
    for (const stop of unsubscribe) stop();
  });
  scheduler.wake();
}

class Scheduler {
  readonly #options: SchedulerOptions;
  /** Pods that we have bound and whose node the copy does not show yet, by uid. */
  readonly #bound = new Map<string, { readonly pod: Pod; readonly node: string }>();
  #running = false;
  #again = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  seePod(pod: Pod | undefined): void {
    if (pod?.spec.nodeName) this.#bound.delete(pod.metadata.uid ?? "");
    if (pod && !isWaiting(pod)) return;
    this.wake();
  }

  wake(): void {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#options.signal.aborted) {
      this.#again = false;
      if (this.#options.nodes.hasSynced()) await this.#round();
    }
    this.#running = false;
  }

  async #round(): Promise<void> {
    const { pods, nodes } = this.#options;
    const waiting = [...pods.values()].filter((pod) => isWaiting(pod) && !this.#bound.has(pod.metadata.uid ?? ""));
    if (waiting.length === 0) return;
    const candidates = [...nodes.values()].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
    const zones = new Map(candidates.map((node) => [node.metadata.name!, zoneOf(node)]));
    const occupancy = new Occupancy(pods.values(), (node) => zones.get(node) ?? "");
    for (const { pod, node } of this.#bound.values()) occupancy.add(pod, node, zones.get(node) ?? "");
    const decisions = waiting.map((pod) => {
      const place = placePod(pod, candidates, occupancy);
      if (typeof place !== "string") occupancy.add(pod, place.metadata.name!, zoneOf(place));
      return { pod, place };
    });
    await Promise.all(
      decisions.map(({ pod, place }) =>
        typeof place === "string" ? this.#refuse(pod, place) : this.#bind(pod, place.metadata.name!),
      ),
    );
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    this.#bound.set(uid, { pod, node });
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid },
      target: { apiVersion: "v1", kind: "Node", name: node },
    };
    try {
      await this.#options.cluster.create<KubeObject>(PODS, binding, { subresource: "binding", name, namespace });
      const message = `Successfully assigned ${namespace}/${name} to ${node}`;
      this.#options.events?.record(pod, { type: "Normal", reason: "Scheduled", message });
    } catch (error) {
      this.#bound.delete(uid);
      this.#later(pod, error);
    }
  }

  async #refuse(pod: Pod, message: string): Promise<void> {
    const { name = "", namespace = "" } = pod.metadata;
    const old = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    if (old?.message === message) return;
    this.#options.events?.record(pod, { type: "Warning", reason: "FailedScheduling", message });
    const now = timestamp(this.#options.environment.clock.now());
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      lastTransitionTime: now,
    };
    const patch = { status: { conditions: [condition] } };
    try {
      await this.#options.cluster.patch(
        PODS,
        { name, namespace },
        { type: "strategic", patch },
        { subresource: "status" },
      );
    } catch (error) {
      this.#later(pod, error);
    }
  }

  #later(pod: Pod, error: unknown): void {
    // Gone, or bound by somebody else: its next event tells.
    if (isClusterError(error, "notFound", "conflict")) return;
    this.#options.environment.log("warn", "the scheduler will try again", {
      pod: pod.metadata.name,
      error: String(error),
    });
    this.#options.environment.clock.after(RETRY_MS, () => this.wake());
  }
}

function isWaiting({ metadata, spec, status }: Pod): boolean {
  const gates = (spec.schedulingGates as readonly unknown[] | undefined) ?? [];
  const finished = status?.phase === "Succeeded" || status?.phase === "Failed";
  const ours = spec.schedulerName === undefined || spec.schedulerName === NAME;
  return !spec.nodeName && !metadata.deletionTimestamp && !finished && ours && gates.length === 0;
}
