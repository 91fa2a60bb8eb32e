import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import { PODS, REPLICA_SETS } from "../../cluster/resource.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { sameJson } from "../apiObject.ts";
import type { EventRecorder } from "../events/eventRecorder.ts";
import { controllerOf, isDeleting, keyOf, nameOf, nameOfKey } from "./objectKey.ts";
import { OwnedObjects } from "./ownedObjects.ts";
import { podFromTemplate } from "./podFromTemplate.ts";
import { countPods, surplusPods } from "./replicaSetPlan.ts";
import { UnseenWrites } from "./unseenWrites.ts";
import { isActive, type ReplicaSet, withoutZeros, zerosAsNull } from "./workload.ts";
import { startWorkQueue, type WorkQueue } from "./workQueue.ts";

export interface ReplicaSetControllerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly pods: LocalCopy<Pod>;
  readonly replicaSets: LocalCopy<ReplicaSet>;
  readonly events?: EventRecorder;
}

/** Keeps as many pods as each ReplicaSet asks for. Pods are created through the API, so admission sees every one of them. */
export function startReplicaSetController(options: ReplicaSetControllerOptions): void {
  const { environment, signal, pods, replicaSets } = options;
  const controller = new ReplicaSetController(options);
  const work = (key: string): Promise<void> => controller.reconcile(key);
  const queue = startWorkQueue({ environment, signal, name: "the ReplicaSet controller", work });
  controller.queue = queue;
  const owner = (pod: Pod): void => {
    const reference = controllerOf(pod);
    if (reference?.kind === "ReplicaSet") queue.add(`${pod.metadata.namespace}/${reference.name}`);
  };
  pods.subscribe((change) => owner(change.type === "deleted" ? change.old : change.object));
  replicaSets.subscribe((change) => {
    if (change.type !== "deleted") queue.add(keyOf(change.object));
  });
  for (const set of replicaSets.values()) queue.add(keyOf(set));
}

class ReplicaSetController {
  queue: WorkQueue | undefined;
  readonly #options: ReplicaSetControllerOptions;
  readonly #owned: OwnedObjects<Pod>;
  readonly #unseen: UnseenWrites<Pod>;

  constructor(options: ReplicaSetControllerOptions) {
    this.#options = options;
    this.#owned = new OwnedObjects(options.pods);
    this.#unseen = new UnseenWrites(options.pods, options.environment.clock);
  }

  async reconcile(key: string): Promise<void> {
    const set = this.#options.replicaSets.get(nameOfKey(key));
    if (!set || isDeleting(set) || !this.#options.pods.hasSynced()) return;
    const uid = set.metadata.uid ?? "";
    const belongs = (pod: Pod): boolean => controllerOf(pod)?.uid === uid;
    const active = this.#unseen.corrected(this.#owned.of(uid).filter(isActive), belongs);
    const missing = (set.spec.replicas ?? 1) - active.length;
    try {
      if (missing > 0) await this.#create(set, missing);
      if (missing < 0) await Promise.all(surplusPods(active, -missing).map((pod) => this.#delete(set, pod)));
    } finally {
      await this.#writeStatus(set, this.#owned.of(uid).filter(belongs));
    }
  }

  /** One, then two, then four at a time: when admission refuses them all, few are asked for. */
  async #create(set: ReplicaSet, count: number): Promise<void> {
    for (let made = 0, batch = 1; made < count; made += batch, batch = Math.min(batch * 2, count - made)) {
      const size = Math.min(batch, count - made);
      await Promise.all(Array.from({ length: size }, () => this.#createPod(set)));
    }
  }

  async #createPod(set: ReplicaSet): Promise<void> {
    const { namespace = "" } = set.metadata;
    const tell = (type: "Normal" | "Warning", reason: string, message: string): void =>
      this.#options.events?.record(set, { type, reason, message });
    try {
      const pod = await this.#options.cluster.create(PODS, podFromTemplate(set, set.spec.template), { namespace });
      this.#unseen.created(pod);
      tell("Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      // A namespace on its way out takes no new pods, and its ReplicaSets go with it.
      if (isClusterError(error, "forbidden") && error.message.includes("being terminated")) return;
      tell("Warning", "FailedCreate", `Error creating: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  }

  async #delete(set: ReplicaSet, pod: Pod): Promise<void> {
    const { uid } = pod.metadata;
    try {
      await this.#options.cluster.delete(PODS, nameOf(pod), { preconditions: { uid: uid! } });
      this.#unseen.deleted(pod);
      const message = `Deleted pod: ${pod.metadata.name}`;
      this.#options.events?.record(set, { type: "Normal", reason: "SuccessfulDelete", message });
    } catch (error) {
      if (!isClusterError(error, "notFound", "conflict")) throw error;
    }
  }

  async #writeStatus(set: ReplicaSet, pods: readonly Pod[]): Promise<void> {
    const { clock } = this.#options.environment;
    const { status, nextAvailableAt } = countPods(set, pods, clock.now());
    if (nextAvailableAt !== undefined) this.queue?.addAfter(keyOf(set), nextAvailableAt - clock.now());
    const shown = { ...withoutZeros(status), replicas: status.replicas };
    if (sameJson(shown, { ...set.status })) return;
    const patch = { status: { ...zerosAsNull(status), replicas: status.replicas } };
    await this.#options.cluster.patch(REPLICA_SETS, nameOf(set), { type: "merge", patch }, { subresource: "status" });
  }
}
