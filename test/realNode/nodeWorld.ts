import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import { DEPLOYMENTS, NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Container, Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { freePorts } from "../freePorts.ts";
import { startProgram } from "../program/runProgram.ts";
import { realKubeconfig } from "../realCluster/kubeconfigOfRun.ts";
import type { StoredSet } from "../stories/storyCluster.ts";
import { NODE_ADDRESS } from "./sandbox.ts";

const PATIENCE_MS = 60_000;
const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };

/** A namespace on the real node, and our manager as a process beside it. */
export interface NodeWorld {
  readonly cluster: KubeApi;
  readonly namespace: string;
  /** Pods of the namespace as the API tells them. */
  readonly pods: LocalCopy<Pod>;
  /** In the order of their names. */
  podsNow(): readonly Pod[];
  /** Ends when the webhook stands in the way of new pods: one that is only tried gets the sidecars. */
  createSet(spec: JsonObject): Promise<void>;
  setImage(path: "containers" | "initContainers", image: string): Promise<void>;
  set(): Promise<StoredSet>;
  /** Ends when the newest spec is rolled out, as the status of the set tells it. */
  rolledOut(): Promise<void>;
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

/** @param name of the namespace and of the SidecarSet */
export async function startNodeWorld(name: string): Promise<NodeWorld> {
  const cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  const controller = new AbortController();
  await installSidecarSets(cluster);
  const systemNamespace = `${name}-system`;
  for (const one of [systemNamespace, name])
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: one } });
  const manager = await startManager(systemNamespace);
  const pods = startInformer<Pod, Pod>({
    cluster,
    environment,
    signal: controller.signal,
    type: PODS,
    transform: (pod) => pod,
    listOptions: { namespace: name },
  });
  await pods.synced;
  const set = (): Promise<StoredSet> => cluster.get<StoredSet>(SIDECAR_SETS, { name });
  const podsNow = (): readonly Pod[] =>
    [...pods.values()].sort((one, other) => (one.metadata.name! < other.metadata.name! ? -1 : 1));

  async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (Date.now() > deadline) {
        const { waiting, rollout, conditions } = (await set().catch(() => undefined))?.status ?? {};
        throw new Error(`${what} did not come true: ${JSON.stringify({ waiting, rollout, conditions })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  return {
    cluster,
    namespace: name,
    pods,
    podsNow,
    set,
    until,
    async createSet(spec) {
      const object = { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name }, spec };
      await cluster.create(SIDECAR_SETS, object as KubeObject);
      await until("pods are injected", async () => {
        const { metadata, spec } = TEMPLATE;
        const trial = {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { ...metadata, name: "trial", namespace: name },
          spec,
        };
        const injected = await cluster.create<Pod>(PODS, trial, { dryRun: true });
        return injected.spec.containers.length > 1;
      });
    },
    async setImage(path, image) {
      const operations = [{ op: "replace", path: `/spec/${path}/0/image`, value: image }] as const;
      await cluster.patch(SIDECAR_SETS, { name }, { type: "json", operations });
    },
    rolledOut: () =>
      until("rolled out", async () => {
        const { metadata, status = {} } = await set();
        const { matchedPods, updatedPods, updatedReadyPods, rollout, observedGeneration } = status;
        const all = podsNow().length;
        return (
          observedGeneration === metadata.generation &&
          rollout?.phase === "Complete" &&
          [matchedPods, updatedPods, updatedReadyPods].every((count) => count === all)
        );
      }),
    async stop() {
      await cluster.delete(SIDECAR_SETS, { name });
      for (const { metadata } of (await cluster.list(DEPLOYMENTS, { namespace: name })).items)
        await cluster.delete(DEPLOYMENTS, { namespace: name, name: metadata.name! });
      await until("all pods gone", () => podsNow().length === 0);
      manager.process.kill("SIGTERM");
      await manager.ended;
      controller.abort();
      await cluster.close();
    },
  };
}

async function startManager(systemNamespace: string) {
  const [port] = await freePorts(1);
  const manager = startProgram([
    ...["run", "--kubeconfig", realKubeconfig(), "--system-namespace", systemNamespace],
    ...["--webhook-url", `https://${NODE_ADDRESS}:${port}`, "--listen", NODE_ADDRESS, "--port", String(port)],
  ]);
  await manager.said("manager started");
  return manager;
}

const APP: Container = {
  name: "app",
  image: "local/app:1",
  env: [{ name: "PORT", value: "9000" }],
  readinessProbe: { httpGet: { path: "/ready", port: 9000 }, periodSeconds: 1 },
};
/** Pods with one application, ready when its program says so. */
const TEMPLATE = {
  metadata: { labels: { app: "web" } },
  spec: { automountServiceAccountToken: false, terminationGracePeriodSeconds: 5, containers: [APP] },
};

export function deployment(namespace: string, replicas: number): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: { replicas, selector: { matchLabels: TEMPLATE.metadata.labels }, template: TEMPLATE },
  } as KubeObject;
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
}

/** What the program behind a port of a pod answers. */
export async function ask({ status }: Pod, port: number, path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://${String(status?.podIP)}:${port}${path}`);
  return { status: answer.status, text: await answer.text() };
}
