import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle, VirtualClock } from "../../../test/virtualClock.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import {
  CONTROLLER_REVISIONS,
  CUSTOM_RESOURCE_DEFINITIONS,
  EVENTS,
  NAMESPACES,
  NODES,
  PODS,
  type ResourceType,
} from "../../cluster/resource.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { ApiServer } from "../apiServer.ts";
import { startControlPlane } from "../controlPlane.ts";
import { inMemoryCluster } from "../inMemoryCluster.ts";
import { nodesInZones, registerNodes } from "../nodes.ts";
import { CLONE_SET_DEFINITION } from "./cloneSetDefinition.ts";
import { CLONE_SETS, DAEMON_SETS, JOBS, STATEFUL_SETS } from "./podKinds.ts";
import { isActive, isPodReady } from "./workload.ts";

let clock: VirtualClock;
let cluster: Cluster;
let stop: AbortController;

beforeEach(async () => {
  clock = new VirtualClock();
  stop = new AbortController();
  let seed = 1;
  const random = (): number => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const environment: Environment = { clock, random, log: () => {} };
  cluster = inMemoryCluster(new ApiServer({ environment }));
  await cluster.create<KubeObject>(CUSTOM_RESOURCE_DEFINITIONS, CLONE_SET_DEFINITION);
  await registerNodes(cluster, nodesInZones(3, 1, clock.now()));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns-1" } });
  await startControlPlane({
    cluster,
    environment,
    signal: stop.signal,
    cloneSets: true,
    tellsEvents: true,
    namespacedKinds: () => [PODS],
  });
});

afterEach(() => stop.abort());

describe("a StatefulSet", () => {
  it("makes its pods one after the other, each when the one before is ready", async () => {
    await create(STATEFUL_SETS, { replicas: 3, serviceName: "db" });
    const seen = new Set<string>();
    for (let step = 0; step < 40; step += 1) {
      await play(250);
      const all = await pods();
      seen.add(all.map(({ metadata }) => metadata.name).join(" "));
      for (const pod of all.slice(0, -1)) expect(isPodReady(pod)).toBe(true);
    }
    expect([...seen]).toEqual(["", "a-0", "a-0 a-1", "a-0 a-1 a-2"].filter((names) => seen.has(names)));
    expect(await status(STATEFUL_SETS)).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 3 });
    const [first] = await pods();
    expect(first).toMatchObject({
      metadata: { labels: { "statefulset.kubernetes.io/pod-name": "a-0", "apps.kubernetes.io/pod-index": "0" } },
      spec: { hostname: "a-0", subdomain: "db" },
    });
  });

  it("replaces its pods from the last to the first, down to the partition", async () => {
    await create(STATEFUL_SETS, { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } });
    await play(15_000);
    const before = await uids();
    await merge(STATEFUL_SETS, { template: { spec: { terminationGracePeriodSeconds: 1 } } });
    for (let step = 0; step < 60; step += 1) {
      await play(250);
      expect((await pods()).filter((pod) => !isPodReady(pod) || !isActive(pod)).length).toBeLessThanOrEqual(1);
    }
    const after = await uids();
    expect(Object.keys(after).map((name) => after[name] === before[name])).toEqual([true, false, false]);
    await merge(STATEFUL_SETS, { updateStrategy: { rollingUpdate: { partition: 0 } } });
    await play(15_000);
    const { currentRevision, updateRevision } = await status(STATEFUL_SETS);
    expect(currentRevision).toBe(updateRevision);
  });

  it("goes back to a template that it had: the same revision becomes the newest", async () => {
    await create(STATEFUL_SETS, { replicas: 1 });
    await play(5_000);
    await merge(STATEFUL_SETS, { template: { spec: { terminationGracePeriodSeconds: 1 } } });
    await play(5_000);
    await merge(STATEFUL_SETS, { template: { spec: { terminationGracePeriodSeconds: 30 } } });
    await play(5_000);
    const { items } = await cluster.list<ControllerRevision>(CONTROLLER_REVISIONS);
    expect(items.map(({ revision }) => revision).sort()).toEqual([2, 3]);
  });

  it("loses its last pods first", async () => {
    await create(STATEFUL_SETS, { replicas: 3, podManagementPolicy: "Parallel" });
    await play(5_000);
    await merge(STATEFUL_SETS, { replicas: 1 });
    await play(5_000);
    expect((await pods()).map(({ metadata }) => metadata.name)).toEqual(["a-0"]);
  });
});

describe("a DaemonSet", () => {
  it("has one pod on each node that takes it, on new ones as well", async () => {
    await create(DAEMON_SETS, {});
    await play(5_000);
    expect((await pods()).map(({ spec }) => spec.nodeName).sort()).toEqual(["zone-a-1", "zone-b-1", "zone-c-1"]);
    await registerNodes(cluster, nodesInZones(4, 1, clock.now()).slice(3));
    await play(5_000);
    expect(await pods()).toHaveLength(4);
    await cluster.patch(
      NODES,
      { name: "zone-d-1" },
      { type: "merge", patch: { spec: { taints: [{ key: "keep", effect: "NoExecute" }] } } },
    );
    await play(5_000);
    expect(await status(DAEMON_SETS)).toMatchObject({ desiredNumberScheduled: 3, numberAvailable: 3 });
    expect(await pods()).toHaveLength(3);
  });

  it("runs only where its node selector says", async () => {
    const nodeSelector = { "topology.kubernetes.io/zone": "zone-b" };
    await create(DAEMON_SETS, { template: { metadata: { labels: { app: "a" } }, spec: { ...POD, nodeSelector } } });
    await play(5_000);
    expect((await pods()).map(({ spec }) => spec.nodeName)).toEqual(["zone-b-1"]);
  });

  it("replaces its pods one at a time", async () => {
    await create(DAEMON_SETS, {});
    await play(5_000);
    const before = await uids();
    await merge(DAEMON_SETS, { template: { spec: { terminationGracePeriodSeconds: 1 } } });
    for (let step = 0; step < 60; step += 1) {
      await play(250);
      expect((await pods()).filter((pod) => isActive(pod) && isPodReady(pod)).length).toBeGreaterThanOrEqual(2);
    }
    const after = await uids();
    expect(Object.keys(after).filter((name) => name in before)).toEqual([]);
    expect(await status(DAEMON_SETS)).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3 });
  });
});

describe("a Job", () => {
  const job = (image: string, spec: JsonObject = {}) =>
    create(JOBS, { ...spec, template: { spec: { restartPolicy: "Never", containers: [{ name: "app", image }] } } });

  it("runs its pods to their end, as many at a time as it may", async () => {
    await job("app:1", { completions: 3, parallelism: 2 });
    await play(2_000);
    expect((await pods()).filter(isActive)).toHaveLength(2);
    await play(20_000);
    expect((await pods()).map((pod) => pod.status?.phase)).toEqual(["Succeeded", "Succeeded", "Succeeded"]);
    expect(await status(JOBS)).toMatchObject({ succeeded: 3, completionTime: expect.any(String) });
    expect(await conditions()).toEqual(["SuccessCriteriaMet", "Complete"]);
  });

  it("tries again, later each time, and gives up after its limit", async () => {
    await job("app:crash", { backoffLimit: 1 });
    await play(9_000);
    expect(await pods()).toHaveLength(1);
    await play(60_000);
    expect((await pods()).map((pod) => pod.status?.phase)).toEqual(["Failed", "Failed"]);
    expect(await conditions()).toEqual(["FailureTarget", "Failed"]);
  });

  async function conditions(): Promise<string[]> {
    const { conditions: all = [] } = (await status(JOBS)) as { conditions?: readonly { type: string }[] };
    return all.map(({ type }) => type);
  }
});

describe("a CloneSet", () => {
  it("makes its pods anew within maxUnavailable, down to the partition", async () => {
    await create(CLONE_SETS, { replicas: 5, updateStrategy: { partition: 2, maxUnavailable: 2 } });
    await play(5_000);
    const before = await uids();
    const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "app", image: "app:2" }] } };
    await merge(CLONE_SETS, { template });
    for (let step = 0; step < 40; step += 1) {
      await play(250);
      expect((await pods()).filter((pod) => isActive(pod) && isPodReady(pod)).length).toBeGreaterThanOrEqual(3);
    }
    expect(Object.keys(await uids()).filter((name) => name in before)).toHaveLength(2);
    expect(await status(CLONE_SETS)).toMatchObject({ replicas: 5, updatedReplicas: 3, updatedReadyReplicas: 3 });
  });

  it("is scaled through its subresource", async () => {
    await create(CLONE_SETS, { replicas: 1 });
    const patch = { type: "merge", patch: { spec: { replicas: 2 } } } as const;
    await cluster.patch(CLONE_SETS, NAME, patch, { subresource: "scale" });
    await play(5_000);
    expect(await pods()).toHaveLength(2);
  });
});

describe("events", () => {
  it("tell what became of a pod and who made it, once each and counted", async () => {
    await create(STATEFUL_SETS, { replicas: 1 });
    await play(5_000);
    const image = { spec: { containers: [{ name: "app", image: "app:2" }] } };
    await cluster.patch(PODS, { namespace: "ns-1", name: "a-0" }, { type: "strategic", patch: image });
    await play(5_000);
    expect(await told()).toEqual(
      [
        "StatefulSet a: SuccessfulCreate x1 Create Pod a-0 in StatefulSet a successful",
        "Pod a-0: Scheduled x1 Successfully assigned ns-1/a-0 to zone-a-1",
        'Pod a-0: Pulled x1 Container image "app:1" already present on machine and can be accessed by the pod',
        "Pod a-0: Created x2 Container created",
        "Pod a-0: Started x2 Container started",
        "Pod a-0: Killing x1 Container app definition changed, will be restarted",
        'Pod a-0: Pulled x1 Container image "app:2" already present on machine and can be accessed by the pod',
      ].sort(),
    );
  });

  it("are forgotten an hour after they were last told", async () => {
    await create(STATEFUL_SETS, { replicas: 1 });
    await play(5_000);
    await play(59 * 60_000);
    expect((await told()).length).toBeGreaterThan(0);
    await play(3 * 60_000);
    expect(await told()).toEqual([]);
  });

  interface Event extends KubeObject {
    readonly reason: string;
    readonly message: string;
    readonly count: number;
    readonly involvedObject: { readonly kind: string; readonly name: string };
  }

  async function told(): Promise<string[]> {
    const { items } = await cluster.list<Event>(EVENTS);
    return items
      .map(
        ({ involvedObject: { kind, name }, reason, count, message }) =>
          `${kind} ${name}: ${reason} x${count} ${message}`,
      )
      .sort();
  }
});

const NAME = { namespace: "ns-1", name: "a" };
const POD = { containers: [{ name: "app", image: "app:1" }] };

async function create(type: ResourceType, spec: JsonObject): Promise<void> {
  const labels = { app: "a" };
  const chosen =
    type === JOBS ? {} : { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: POD } };
  const apiVersion = `${type.group}/${type.version}`;
  await cluster.create<KubeObject>(type, {
    apiVersion,
    kind: type.kind,
    metadata: NAME,
    spec: { ...chosen, ...spec },
  } as KubeObject);
}

async function merge(type: ResourceType, spec: JsonObject): Promise<void> {
  await cluster.patch(type, NAME, { type: "merge", patch: { spec } });
}

async function status(type: ResourceType): Promise<JsonObject> {
  return (await cluster.get<KubeObject & { status: JsonObject }>(type, NAME)).status;
}

async function pods(): Promise<readonly Pod[]> {
  return (await cluster.list<Pod>(PODS, { namespace: "ns-1" })).items;
}

async function uids(): Promise<Record<string, string>> {
  return Object.fromEntries((await pods()).map(({ metadata }) => [metadata.name!, metadata.uid!]));
}

async function play(milliseconds: number): Promise<void> {
  await settle();
  await clock.advance(milliseconds);
}
