import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import {
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { HASH_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { objectVanishes } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { RolloutObserver } from "../stories/rolloutObserver.ts";
import type { StoredSet } from "../stories/storyCluster.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { playNodes } from "./playedNodes.ts";

const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
const PATIENCE_MS = 120_000;

export interface ObservedRolloutOptions {
  /** Of the SidecarSet, the Deployment, the pods' namespace and, with `-system`, of the system namespace. */
  readonly name: string;
  readonly pods: number;
  readonly image: string;
  readonly updateStrategy: JsonObject;
  /** Left out: the control plane of the run. */
  readonly kubeconfig?: string;
}

/**
 * Pods of a real Deployment that one SidecarSet selects, and an observer of their watch who knows nothing of our records. The managers
 * are whoever the test starts, between {@link prepare} and {@link begin}.
 */
export class ObservedRollout {
  readonly cluster: KubeApi;
  readonly systemNamespace: string;
  readonly observer: RolloutObserver;
  readonly #options: ObservedRolloutOptions;
  readonly #undo: (() => unknown)[];

  private constructor(
    options: ObservedRolloutOptions,
    prepared: Pick<ObservedRollout, "cluster" | "observer">,
    undo: (() => unknown)[],
  ) {
    this.#options = options;
    this.#undo = undo;
    this.cluster = prepared.cluster;
    this.observer = prepared.observer;
    this.systemNamespace = `${options.name}-system`;
  }

  /** Namespaces, nodes whose kubelets are played, and the watch of the pods. */
  static async prepare(options: ObservedRolloutOptions): Promise<ObservedRollout> {
    const cluster = await connect({ kubeconfig: options.kubeconfig ?? realKubeconfig(), variables: {} });
    const stop = new AbortController();
    const undo: (() => unknown)[] = [() => cluster.close(), () => stop.abort()];
    await installSidecarSets(cluster);
    for (const name of [`${options.name}-system`, options.name]) {
      await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      if (options.kubeconfig !== undefined) continue; // gone with their control plane
      undo.push(() => objectVanishes(cluster, NAMESPACES, { name }));
      undo.push(() => cluster.delete(NAMESPACES, { name }));
    }
    const nodes = await playNodes(cluster);
    undo.push(() => nodes.stop());
    const pods = startInformer<Pod, Pod>({
      cluster,
      environment,
      signal: stop.signal,
      type: PODS,
      transform: (pod) => pod,
      listOptions: { namespace: options.name },
    });
    await pods.synced;
    return new ObservedRollout(options, { cluster, observer: new RolloutObserver(pods, "logtail") }, undo);
  }

  /** The SidecarSet and its pods, until all of them are ready and injected. */
  async begin(): Promise<void> {
    const { name, pods, image } = this.#options;
    // A registration takes a moment to reach the API server, and what nobody judges has no hashes to go by.
    await this.until(async () => {
      const answer = this.cluster.create(SIDECAR_SETS, this.#sidecarSet(), { dryRun: true });
      return answer.then(
        ({ metadata }) => metadata.annotations?.[HASH_ANNOTATION] !== undefined,
        () => false,
      );
    });
    await this.cluster.create(SIDECAR_SETS, this.#sidecarSet());
    await this.until(() => this.#isInjected());
    await this.cluster.create(DEPLOYMENTS, this.#deployment());
    this.#undo.push(async () => {
      this.observer.expect({});
      await this.cluster.delete(SIDECAR_SETS, { name }).catch(() => undefined);
      for (const [type, webhooks] of [
        [VALIDATING_WEBHOOKS, "sidecarset-validating"],
        [MUTATING_WEBHOOKS, "sidecarset-mutating"],
      ] as const)
        await this.cluster.delete(type, { name: webhooks }).catch(() => undefined);
      await this.cluster.delete(DEPLOYMENTS, { namespace: name, name });
      await this.until(() => this.observer.size === 0);
    });
    await this.until(() => this.observer.size === pods && this.observer.unavailable.length === 0);
    if (this.observer.withImage(image).length !== pods) throw new Error("not every pod was injected");
    this.observer.expectImage(image);
  }

  /** A pod that is only tried comes back with the sidecar, whatever version of the manager answers. */
  async #isInjected(): Promise<boolean> {
    return (await this.tryPod()).spec.containers.some(({ name }) => name === "logtail");
  }

  /** One of the set's pods, created by dry run: it passes admission and is not stored. */
  tryPod(): Promise<Pod> {
    const { template } = (this.#deployment() as KubeObject & { readonly spec: { readonly template: Pod } }).spec;
    const metadata = { ...template.metadata, name: "tried", namespace: this.#options.name };
    return this.cluster.create<Pod>(PODS, { ...template, apiVersion: "v1", kind: "Pod", metadata }, { dryRun: true });
  }

  /** @param updateStrategy what changes in the same write */
  async setImage(image: string, updateStrategy: JsonObject = {}): Promise<void> {
    this.observer.expectImage(image);
    const spec = { containers: [{ name: "logtail", image }], updateStrategy };
    await this.cluster.patch(SIDECAR_SETS, { name: this.#options.name }, { type: "merge", patch: { spec } });
  }

  /** So many pods run the image and are ready, and the status says so. */
  async updated(image: string, count: number): Promise<void> {
    await this.until(() => this.observer.withImage(image).length === count && this.observer.unavailable.length === 0);
    await this.until(async () => {
      // An API server that has just started does not know every path yet.
      const set = await this.cluster.get<StoredSet>(SIDECAR_SETS, { name: this.#options.name }).catch(() => undefined);
      if (set === undefined) return false;
      const { metadata, status } = set;
      const { observedGeneration, updatedPods, updatedReadyPods } = status ?? {};
      return observedGeneration === metadata.generation && updatedPods === count && updatedReadyPods === count;
    });
  }

  /** Looks again and again at what watches bring, for the real world cannot be advanced. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      const { size, unavailable } = this.observer;
      if (Date.now() > deadline) throw new Error(`did not come true: ${size} pods, ${unavailable.length} unavailable`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    for (const step of this.#undo.reverse()) await step();
  }

  #sidecarSet(): KubeObject {
    const { name, image, updateStrategy } = this.#options;
    const spec = {
      selector: { matchLabels: { rollout: name } },
      containers: [{ name: "logtail", image }],
      updateStrategy,
    };
    return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name }, spec } as KubeObject;
  }

  #deployment(): KubeObject {
    const { name, pods: replicas } = this.#options;
    const labels = { rollout: name };
    const template = {
      metadata: { labels },
      spec: { automountServiceAccountToken: false, containers: [{ name: "app", image: "app:1" }] },
    };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: name }, spec } as KubeObject;
  }
}
