import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle, VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { CONTROLLER_REVISIONS, DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import type { Container, Pod } from "../core/kube/pod.ts";
import { ApiServer } from "./apiServer.ts";
import { startControlPlane } from "./controlPlane.ts";
import { inMemoryCluster } from "./inMemoryCluster.ts";
import { nodesInZones, registerNodes } from "./nodes.ts";
import { isActive, isPodReady, type ReplicaSet } from "./workloads/workload.ts";

let clock: VirtualClock;
let cluster: Cluster;
let stop: AbortController;
let complaints: string[];

beforeEach(async () => {
  clock = new VirtualClock();
  complaints = [];
  let seed = 1;
  const environment: Environment = {
    clock,
    random: () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    },
    log: (level, message, fields) => {
      if (level === "warn" || level === "error") complaints.push(`${message} ${JSON.stringify(fields)}`);
    },
  };
  const server = new ApiServer({ environment });
  cluster = inMemoryCluster(server);
  stop = new AbortController();
  await registerNodes(cluster, nodesInZones(3, 2, clock.now()));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns-1" } });
  await startControlPlane({
    cluster,
    environment,
    signal: stop.signal,
    namespacedKinds: () => [PODS, DEPLOYMENTS, REPLICA_SETS, CONTROLLER_REVISIONS],
  });
});

afterEach(() => {
  stop.abort();
  expect(complaints).toEqual([]);
});

const CONTAINERS: readonly Container[] = [
  { name: "web-server", image: "web:1", readinessProbe: { httpGet: { path: "/", port: 80 } } },
  { name: "logtail", image: "logtail:1.0.0" },
];

interface DeploymentObject extends KubeObject {
  readonly spec: unknown;
  readonly status?: Readonly<Record<string, number>>;
}

async function deploy(replicas: number, more: object = {}): Promise<void> {
  const labels = { app: "web" };
  const deployment: DeploymentObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "ns-1" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: CONTAINERS } },
      ...more,
    },
  };
  await cluster.create(DEPLOYMENTS, deployment);
}

async function pods(): Promise<readonly Pod[]> {
  return (await cluster.list<Pod>(PODS, { namespace: "ns-1" })).items;
}

async function replicaSets(): Promise<readonly ReplicaSet[]> {
  return (await cluster.list<ReplicaSet>(REPLICA_SETS, { namespace: "ns-1" })).items;
}

async function untilReady(count: number): Promise<readonly Pod[]> {
  await clock.advanceUntil(async () => {
    const all = await pods();
    return all.length === count && all.every(isPodReady);
  }, 60_000);
  return pods();
}

function patchWeb(patch: object): Promise<KubeObject> {
  return cluster.patch(DEPLOYMENTS, { namespace: "ns-1", name: "web" }, { type: "merge", patch: { ...patch } });
}

function setImage(pod: Pod, index: number, image: string): Promise<KubeObject> {
  const operations = [{ op: "replace" as const, path: `/spec/containers/${index}/image`, value: image }];
  const { name = "", namespace = "" } = pod.metadata;
  return cluster.patch(PODS, { name, namespace }, { type: "json", operations });
}

function statusOf(pod: Pod, container: string) {
  return pod.status?.containerStatuses?.find(({ name }) => name === container);
}

describe("a Deployment", () => {
  it("becomes ready, its pods spread over the zones, and says so", async () => {
    await deploy(3);
    const all = await untilReady(3);
    await clock.advance(1000);
    expect(new Set(all.map((pod) => pod.spec.nodeName!.slice(0, 6)))).toEqual(new Set(["zone-a", "zone-b", "zone-c"]));
    const deployment = await cluster.get<DeploymentObject>(DEPLOYMENTS, { namespace: "ns-1", name: "web" });
    expect(deployment.status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    expect(deployment.metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "1" });
    expect(all[0]!.metadata).toMatchObject({
      labels: { app: "web", "pod-template-hash": expect.any(String) },
      ownerReferences: [{ kind: "ReplicaSet", controller: true }],
    });
  });

  it("has exactly as many pods as it asks for, up and down", async () => {
    await deploy(2);
    await untilReady(2);
    await patchWeb({ spec: { replicas: 7 } });
    await untilReady(7);
    const [broken] = await pods();
    await setImage(broken!, 0, "web:missing");
    await clock.advance(2000);
    await patchWeb({ spec: { replicas: 6 } });
    const left = await untilReady(6);
    expect(left.map(({ metadata }) => metadata.uid)).not.toContain(broken!.metadata.uid);
  });

  it("replaces a pod that was deleted, or that failed", async () => {
    await deploy(2);
    const [first, second] = await untilReady(2);
    await cluster.delete(PODS, { namespace: "ns-1", name: first!.metadata.name! });
    const failed = { type: "merge", patch: { status: { phase: "Failed" } } } as const;
    await clock.advance(3000);
    expect((await pods()).map(({ metadata }) => metadata.uid)).not.toContain(first!.metadata.uid);
    await cluster.patch(PODS, { namespace: "ns-1", name: second!.metadata.name! }, failed, { subresource: "status" });
    await clock.advance(5000);
    expect((await pods()).filter((pod) => isActive(pod) && isPodReady(pod)).length).toBeGreaterThanOrEqual(2);
  });

  it("rolls to new pods on a restart, never with more or fewer than it may", async () => {
    await deploy(4, { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    const before = new Set((await untilReady(4)).map(({ metadata }) => metadata.uid));
    await clock.advance(1000);
    const annotations = { "kubectl.kubernetes.io/restartedAt": "2026-07-01T00:01:00Z" };
    await patchWeb({ spec: { template: { metadata: { annotations } } } });
    let [fewestReady, most] = [4, 4];
    await clock.advanceUntil(async () => {
      const all = (await pods()).filter(isActive);
      fewestReady = Math.min(fewestReady, all.filter(isPodReady).length);
      most = Math.max(most, all.length);
      return all.length === 4 && all.every((pod) => isPodReady(pod) && !before.has(pod.metadata.uid));
    }, 120_000);
    expect([fewestReady, most]).toEqual([3, 5]);
    await clock.advance(2000);
    expect((await replicaSets()).map(({ spec }) => spec.replicas).sort()).toEqual([0, 4]);
    const deployment = await cluster.get<DeploymentObject>(DEPLOYMENTS, { namespace: "ns-1", name: "web" });
    expect(deployment.metadata.annotations).toMatchObject({ "deployment.kubernetes.io/revision": "2" });
  });

  it("takes its ReplicaSets and pods with it when it is deleted", async () => {
    await deploy(3);
    await untilReady(3);
    await cluster.delete(DEPLOYMENTS, { namespace: "ns-1", name: "web" }, { propagationPolicy: "Background" });
    await clock.advanceUntil(async () => (await pods()).length + (await replicaSets()).length === 0, 60_000);
  });

  it("leaves them when they are to be orphaned, and waits for them when that is asked for", async () => {
    await deploy(2);
    await untilReady(2);
    await cluster.delete(DEPLOYMENTS, { namespace: "ns-1", name: "web" }, { propagationPolicy: "Orphan" });
    await clock.advance(5000);
    const [orphan] = await replicaSets();
    expect(orphan!.metadata.ownerReferences ?? []).toEqual([]);
    expect((await pods()).length).toBe(2);
    const name = { namespace: "ns-1", name: orphan!.metadata.name! };
    await cluster.delete(REPLICA_SETS, name, { propagationPolicy: "Foreground" });
    await settle();
    expect((await cluster.get(REPLICA_SETS, name)).metadata.finalizers).toEqual(["foregroundDeletion"]);
    await clock.advance(10_000);
    expect([(await pods()).length, (await replicaSets()).length]).toEqual([0, 0]);
  });
});

describe("an image changed in a running pod", () => {
  it("restarts that container alone", async () => {
    await deploy(3);
    const [pod] = await untilReady(3);
    await setImage(pod!, 1, "logtail:1.0.1");
    await clock.advance(2000);
    const after = (await pods()).find(({ metadata }) => metadata.uid === pod!.metadata.uid)!;
    expect(statusOf(after, "logtail")).toMatchObject({
      restartCount: 1,
      image: "docker.io/library/logtail:1.0.1",
      ready: true,
    });
    expect(statusOf(after, "web-server")).toEqual(statusOf(pod!, "web-server"));
    expect(after.status!.observedGeneration).toBe(after.metadata.generation);
    expect((await pods()).length).toBe(3);
  });

  it("that cannot be pulled makes the pod unready until a good one comes, without reason left over", async () => {
    await deploy(1);
    const [pod] = await untilReady(1);
    await setImage(pod!, 1, "logtail:missing");
    await clock.advance(3000);
    const [broken] = await pods();
    expect(statusOf(broken!, "logtail")!.state!.waiting!.reason).toBe("ErrImagePull");
    expect(isPodReady(broken!)).toBe(false);
    await setImage(pod!, 1, "logtail:1.0.0");
    await clock.advance(2000);
    const [healed] = await pods();
    expect(healed!.status!.conditions!.find(({ type }) => type === "Ready")).not.toHaveProperty("reason");
    expect(isPodReady(healed!)).toBe(true);
  });
});

describe("a namespace", () => {
  it("goes when all that was in it has gone", async () => {
    await deploy(3);
    await untilReady(3);
    await cluster.delete(NAMESPACES, { name: "ns-1" });
    await clock.advanceUntil(async () => {
      try {
        await cluster.get(NAMESPACES, { name: "ns-1" });
        return false;
      } catch (error) {
        return isClusterError(error, "notFound");
      }
    }, 60_000);
    expect((await cluster.list(PODS)).items).toEqual([]);
  });
});
