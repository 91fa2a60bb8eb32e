import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import { CONTROLLER_REVISIONS, PODS, type ResourceType } from "../../cluster/resource.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { unreachable } from "../../core/result.ts";
import { sameJson } from "../apiObject.ts";
import type { EventRecorder } from "../events/eventRecorder.ts";
import type { Node } from "../nodes.ts";
import { controllerOf, isDeleting, keyOf, nameOf, nameOfKey } from "./objectKey.ts";
import { OwnedObjects } from "./ownedObjects.ts";
import { UnseenWrites } from "./unseenWrites.ts";
import { startWorkQueue } from "./workQueue.ts";

/** What a plan is made from: everything the set owns, as it is or is known to become. */
export interface Surroundings {
  readonly pods: readonly Pod[];
  readonly revisions: readonly ControllerRevision[];
  readonly nodes: readonly Node[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PodSetPlan {
  readonly actions: readonly PodSetAction[];
  /** Whole; what is not in it goes from the stored one. */
  readonly status: JsonObject;
  /** When to look again though nothing happens. */
  readonly wakeAt?: number | undefined;
}

export type PodSetAction =
  | { readonly do: "createRevision"; readonly revision: ControllerRevision }
  /** An old revision is the newest again. */
  | { readonly do: "renumberRevision"; readonly revision: ControllerRevision; readonly number: number }
  | { readonly do: "createPod"; readonly pod: Pod }
  | { readonly do: "deletePod"; readonly pod: Pod };

export interface PodSetControllerOptions<T extends KubeObject> {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly type: ResourceType;
  readonly sets: LocalCopy<T>;
  readonly pods: LocalCopy<Pod>;
  readonly revisions: LocalCopy<ControllerRevision>;
  readonly nodes: LocalCopy<Node>;
  readonly events?: EventRecorder;
  readonly plan: (set: T, surroundings: Surroundings) => PodSetPlan;
}

/** Runs the controller of one kind that makes pods itself: its plan decides, this carries it out. */
export function startPodSetController<T extends KubeObject>(options: PodSetControllerOptions<T>): void {
  const { environment, signal, type, sets, pods, revisions, nodes } = options;
  const controller = new PodSetController(options);
  const queue = startWorkQueue({
    environment,
    signal,
    name: `the ${type.kind} controller`,
    work: async (key) => {
      const wakeAt = await controller.reconcile(key);
      if (wakeAt !== undefined) queue.addAfter(key, Math.max(0, wakeAt - environment.clock.now()));
    },
  });
  const wakeOwner = (owned: KubeObject): void => {
    const owner = controllerOf(owned);
    if (owner?.kind === type.kind) queue.add(`${owned.metadata.namespace}/${owner.name}`);
  };
  pods.subscribe((change) => wakeOwner(change.type === "deleted" ? change.old : change.object));
  revisions.subscribe((change) => wakeOwner(change.type === "deleted" ? change.old : change.object));
  sets.subscribe((change) => {
    if (change.type !== "deleted") queue.add(keyOf(change.object));
  });
  const wakeAll = (): void => {
    for (const set of sets.values()) queue.add(keyOf(set));
  };
  nodes.subscribe((change) => {
    if (change.type !== "updated" || !sameJson(change.old.spec, change.object.spec)) wakeAll();
  });
  wakeAll();
}

class PodSetController<T extends KubeObject> {
  readonly #options: PodSetControllerOptions<T>;
  readonly #pods: OwnedObjects<Pod>;
  readonly #revisions: OwnedObjects<ControllerRevision>;
  readonly #unseenPods: UnseenWrites<Pod>;
  readonly #unseenRevisions: UnseenWrites<ControllerRevision>;

  constructor(options: PodSetControllerOptions<T>) {
    this.#options = options;
    const { clock } = options.environment;
    this.#pods = new OwnedObjects(options.pods);
    this.#revisions = new OwnedObjects(options.revisions);
    this.#unseenPods = new UnseenWrites(options.pods, clock);
    this.#unseenRevisions = new UnseenWrites(options.revisions, clock);
  }

  /** @returns when to look again though nothing happens */
  async reconcile(key: string): Promise<number | undefined> {
    const { sets, pods, revisions, nodes, environment, plan } = this.#options;
    const set = sets.get(nameOfKey(key));
    if (!set || isDeleting(set) || ![pods, revisions, nodes].every((copy) => copy.hasSynced())) return undefined;
    const uid = set.metadata.uid ?? "";
    const belongs = (object: KubeObject): boolean => controllerOf(object)?.uid === uid;
    const { actions, status, wakeAt } = plan(set, {
      pods: this.#unseenPods.corrected(this.#pods.of(uid), belongs),
      revisions: this.#unseenRevisions.corrected(this.#revisions.of(uid), belongs),
      nodes: [...nodes.values()],
      now: environment.clock.now(),
    });
    try {
      for (const action of actions) await this.#act(set, action);
    } finally {
      await this.#writeStatus(set, status);
    }
    return wakeAt;
  }

  async #act(set: T, action: PodSetAction): Promise<void> {
    const { cluster } = this.#options;
    switch (action.do) {
      case "createRevision": {
        const { namespace = "" } = action.revision.metadata;
        const created = await cluster.create(CONTROLLER_REVISIONS, action.revision, { namespace });
        return this.#unseenRevisions.created(created);
      }
      case "renumberRevision": {
        const patch = { revision: action.number };
        await cluster.patch(CONTROLLER_REVISIONS, nameOf(action.revision), { type: "merge", patch });
        return;
      }
      case "createPod":
        return this.#createPod(set, action.pod);
      case "deletePod":
        return this.#deletePod(set, action.pod);
      default:
        return unreachable(action);
    }
  }

  async #createPod(set: T, pod: Pod): Promise<void> {
    const { namespace = "" } = pod.metadata;
    try {
      const created = await this.#options.cluster.create(PODS, pod, { namespace });
      this.#unseenPods.created(created);
      this.#tell(set, "SuccessfulCreate", created, `Created pod: ${created.metadata.name}`);
    } catch (error) {
      // A namespace on its way out takes no new pods, and its sets go with it.
      if (isClusterError(error, "forbidden") && error.message.includes("being terminated")) return;
      const message = `Error creating: ${error instanceof Error ? error.message : String(error)}`;
      this.#options.events?.record(set, { type: "Warning", reason: "FailedCreate", message });
      throw error;
    }
  }

  /** StatefulSets have words of their own. */
  #tell(set: T, reason: string, pod: Pod, message: string): void {
    const { name } = pod.metadata;
    const verb = reason === "SuccessfulCreate" ? "Create" : "Delete";
    const own = `${verb} Pod ${name} in StatefulSet ${set.metadata.name} successful`;
    const text = set.kind === "StatefulSet" ? own : message;
    this.#options.events?.record(set, { type: "Normal", reason, message: text });
  }

  async #deletePod(set: T, pod: Pod): Promise<void> {
    try {
      await this.#options.cluster.delete(PODS, nameOf(pod), { preconditions: { uid: pod.metadata.uid! } });
      this.#tell(set, "SuccessfulDelete", pod, `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isClusterError(error, "notFound", "conflict")) throw error;
    }
  }

  async #writeStatus(set: T, status: JsonObject): Promise<void> {
    const stored = (set as { readonly status?: JsonObject }).status ?? {};
    if (sameJson(stored, status)) return;
    const gone = Object.keys(stored).filter((field) => status[field] === undefined);
    const patch = { status: { ...Object.fromEntries(gone.map((field) => [field, null])), ...status } };
    const { type, cluster } = this.#options;
    await cluster.patch(type, nameOf(set), { type: "merge", patch }, { subresource: "status" });
  }
}
