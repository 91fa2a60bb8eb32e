import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startInformer } from "../../src/cluster/informer.ts";
import { DEPLOYMENTS, PODS, REPLICA_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { startDeploymentController } from "../../src/simulator/workloads/deploymentController.ts";
import { startReplicaSetController } from "../../src/simulator/workloads/replicaSetController.ts";
import type { Deployment, ReplicaSet } from "../../src/simulator/workloads/workload.ts";
import { StoryCluster } from "./storyCluster.ts";

const [OLD, NEW] = ["logtail:1.0.0", "logtail:1.0.1"];
const POD_SPEC = { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] };

let story: StoryCluster;
let stop: AbortController;
beforeEach(async () => {
  stop = new AbortController();
  story = await StoryCluster.start();
  startWorkloads();
  await story.apply({
    updateStrategy: { partition: "30%", maxUnavailable: "100%" },
    injectionStrategy: { revision: { policy: "FollowPartition" } },
  });
});
afterEach(() => {
  stop.abort();
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("new pods in the middle of a rollout, by FollowPartition", () => {
  it("a Deployment that is scaled to ten has three pods on the old revision, none of which was upgraded to get there", async () => {
    await createDeployment(4);
    await story.setImage(NEW);
    await story.quiet();
    expect(split()).toEqual({ old: 2, newest: 2 });

    const before = containers();
    await scale(10);
    expect(split()).toEqual({ old: 3, newest: 7 });
    expect(containers()).toMatchObject(before);
  });

  it("it has three of ten when it is created at once, and again after any of its pods were lost", async () => {
    await story.setImage(NEW);
    await story.quiet();
    await createDeployment(10);
    expect(split()).toEqual({ old: 3, newest: 7 });
    for (const image of [OLD, NEW]) {
      for (const { name } of story.observer.withImage(image).slice(0, 3)) await deletePod(name);
      await story.quiet();
      expect(split()).toEqual({ old: 3, newest: 7 });
    }
  });

  it("all get the only revision while there is no older one, whatever the partition", async () => {
    await createDeployment(10);
    expect(story.observer.withImage(OLD)).toHaveLength(10);
  });

  it("all are old while the update is paused", async () => {
    await story.edit({ updateStrategy: { paused: true } });
    await story.setImage(NEW);
    await story.quiet();
    await createDeployment(5);
    expect(split()).toEqual({ old: 5, newest: 0 });
  });

  it("pods of a StatefulSet are divided by ordinal, and one that is recreated comes back as it was", async () => {
    await story.setImage(NEW);
    await story.quiet();
    for (let ordinal = 0; ordinal < 10; ordinal++) await createMember(ordinal);
    await story.quiet();
    const old = () => story.observer.withImage(OLD).map(({ name }) => name);
    expect(old()).toEqual(["db-3", "db-6", "db-9"]);
    for (const ordinal of [6, 2, 9]) {
      await deletePod(`db-${ordinal}`);
      await story.quiet();
      await createMember(ordinal);
    }
    await story.quiet();
    expect(old().sort()).toEqual(["db-3", "db-6", "db-9"]);
  });

  it("a dry run leaves no trace in the counts", async () => {
    await story.setImage(NEW);
    await story.quiet();
    const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web", controller: true };
    const metadata = { generateName: "web-", namespace: "ns-1", labels: { app: "web" }, ownerReferences: [owner] };
    const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: POD_SPEC } as Pod;
    const images = async (options: { dryRun?: boolean }) =>
      (await story.cluster.create<Pod>(PODS, pod, { namespace: "ns-1", ...options })).spec.containers[0]?.image;
    expect(await images({})).toBe(NEW);
    // The second pod is an old one, until it is there.
    for (let run = 0; run < 5; run++) expect(await images({ dryRun: true })).toBe(await images({ dryRun: true }));
    expect([await images({}), await images({}), await images({})]).toEqual([OLD, NEW, NEW]);
  });
});

function startWorkloads(): void {
  const common = { cluster: story.cluster, environment: story.environment, signal: stop.signal };
  const whole = <T>(object: T): T => object;
  const deployments = startInformer<Deployment, Deployment>({ ...common, type: DEPLOYMENTS, transform: whole });
  const replicaSets = startInformer<ReplicaSet, ReplicaSet>({ ...common, type: REPLICA_SETS, transform: whole });
  const pods = startInformer<Pod, Pod>({ ...common, type: PODS, transform: whole });
  startDeploymentController({ ...common, deployments, replicaSets });
  startReplicaSetController({ ...common, replicaSets, pods });
}

async function createDeployment(replicas: number): Promise<void> {
  const labels = { app: "web" };
  await story.cluster.create(DEPLOYMENTS, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "ns-1" },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: POD_SPEC } },
  } as KubeObject);
  await story.quiet();
}

async function scale(replicas: number): Promise<void> {
  await story.cluster.patch(
    DEPLOYMENTS,
    { namespace: "ns-1", name: "web" },
    { type: "merge", patch: { spec: { replicas } } },
  );
  await story.quiet();
}

async function createMember(ordinal: number): Promise<void> {
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "uid-db", controller: true };
  await story.cluster.create(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `db-${ordinal}`, namespace: "ns-1", labels: { app: "web" }, ownerReferences: [owner] },
    spec: POD_SPEC,
  } as KubeObject);
}

async function deletePod(name: string): Promise<void> {
  await story.cluster.delete(PODS, { namespace: "ns-1", name });
}

function split(): { readonly old: number; readonly newest: number } {
  return { old: story.observer.withImage(OLD).length, newest: story.observer.withImage(NEW).length };
}

/** By pod: the container in which its sidecar runs. */
function containers(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries([...story.observer.pods()].map(({ name, containerId }) => [name, containerId]));
}
