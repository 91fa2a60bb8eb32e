import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster, WatchEvent } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { DEPLOYMENTS, NAMESPACES, PODS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import type { Pod } from "../core/kube/pod.ts";
import { ApiServer } from "./apiServer.ts";
import { inMemoryCluster } from "./inMemoryCluster.ts";

function aServer(): { server: ApiServer; cluster: Cluster; clock: VirtualClock } {
  const clock = new VirtualClock();
  let seed = 1;
  const random = (): number => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const server = new ApiServer({ environment: { clock, random, log: () => {} } });
  return { server, cluster: inMemoryCluster(server), clock };
}

function aPod(name: string, extra: Partial<Pod> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "nginx:1" }] },
    ...extra,
  };
}

async function refusal(promise: Promise<unknown>): Promise<ClusterError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ClusterError) return error;
  throw new Error(`not refused by the server: ${String(error)}`);
}

const IN_DEFAULT = (name: string) => ({ namespace: "default", name });

describe("writing", () => {
  it("a created pod has uid, version, generation, defaults and a Pending status", async () => {
    const { cluster } = aServer();
    const pod = await cluster.create<Pod>(PODS, aPod("web"));
    expect(pod.metadata).toMatchObject({ generation: 1, creationTimestamp: "2026-07-01T00:00:00Z" });
    expect(pod.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(pod.spec).toMatchObject({
      restartPolicy: "Always",
      serviceAccountName: "default",
      containers: [{ imagePullPolicy: "IfNotPresent", terminationMessagePolicy: "File" }],
    });
    expect(pod.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
  });

  it("a name is generated when only its beginning is given", async () => {
    const { cluster } = aServer();
    const created = await cluster.create<Pod>(
      PODS,
      aPod("", { metadata: { generateName: "web-", namespace: "default" } }),
    );
    expect(created.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
  });

  it("the same name twice, a missing namespace and an unknown pod are refused as a real server does", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("web"));
    expect(await refusal(cluster.create(PODS, aPod("web")))).toMatchObject({
      kind: "alreadyExists",
      message: 'pods "web" already exists',
    });
    const elsewhere = aPod("web", { metadata: { name: "web", namespace: "nowhere" } });
    expect((await refusal(cluster.create(PODS, elsewhere))).message).toBe('namespaces "nowhere" not found');
    expect((await refusal(cluster.get(PODS, IN_DEFAULT("other")))).status).toMatchObject({
      code: 404,
      reason: "NotFound",
      details: { name: "other", kind: "pods" },
    });
  });

  it("an update from an old version is a conflict, one that changes nothing keeps the version", async () => {
    const { cluster } = aServer();
    const first = await cluster.create<Pod>(PODS, aPod("web"));
    const labelled = { ...first, metadata: { ...first.metadata, labels: { app: "shop" } } };
    const second = await cluster.update(PODS, labelled);
    expect(second.metadata.generation).toBe(1);
    expect((await refusal(cluster.update(PODS, labelled))).message).toBe(
      'Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect((await cluster.update(PODS, second)).metadata.resourceVersion).toBe(second.metadata.resourceVersion);
  });

  it("an image change raises the generation, any other change of the spec is forbidden", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("web"));
    const path = "/spec/containers/0/image";
    const patched = await cluster.patch<Pod>(PODS, IN_DEFAULT("web"), {
      type: "json",
      operations: [
        { op: "test", path, value: "nginx:1" },
        { op: "replace", path, value: "nginx:2" },
      ],
    });
    expect(patched.metadata.generation).toBe(2);
    const refused = await refusal(
      cluster.patch(PODS, IN_DEFAULT("web"), { type: "merge", patch: { spec: { hostNetwork: true } } }),
    );
    expect(refused.kind).toBe("invalid");
    expect(refused.message).toContain(
      'Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,',
    );
    expect(refused.status?.details?.causes?.[0]).toMatchObject({ reason: "FieldValueForbidden", field: "spec" });
  });

  it("a JSON patch whose test fails is answered with 422", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("web"));
    const operations = [{ op: "test", path: "/metadata/name", value: "other" }] as const;
    const refused = await refusal(cluster.patch(PODS, IN_DEFAULT("web"), { type: "json", operations }));
    expect(refused.status).toMatchObject({ code: 422, reason: "Invalid" });
  });

  it("status is written by its subresource alone", async () => {
    const { cluster } = aServer();
    const pod = await cluster.create<Pod>(PODS, aPod("web"));
    const running = { ...pod, status: { ...pod.status, phase: "Running" } };
    expect((await cluster.update<Pod>(PODS, running)).status?.phase).toBe("Pending");
    const written = await cluster.update<Pod>(
      PODS,
      { ...running, spec: { containers: [] } },
      { subresource: "status" },
    );
    expect(written.status?.phase).toBe("Running");
    expect(written.spec).toEqual(pod.spec);
    expect(written.metadata.generation).toBe(1);
  });

  it("a dry run answers as if and stores nothing", async () => {
    const { cluster } = aServer();
    expect((await cluster.create(PODS, aPod("web"), { dryRun: true })).metadata.uid).toBeDefined();
    expect((await cluster.list(PODS)).items).toEqual([]);
  });

  it("scale changes the replicas and the generation", async () => {
    const { cluster } = aServer();
    await cluster.create(DEPLOYMENTS, aDeployment());
    await cluster.patch(
      DEPLOYMENTS,
      IN_DEFAULT("web"),
      { type: "merge", patch: { spec: { replicas: 5 } } },
      { subresource: "scale" },
    );
    const scaled = await cluster.get<KubeObject & { spec: { replicas: number } }>(DEPLOYMENTS, IN_DEFAULT("web"));
    expect(scaled.spec.replicas).toBe(5);
    expect(scaled.metadata.generation).toBe(2);
  });

  it("what the server does not have is refused by name", async () => {
    const { cluster } = aServer();
    const services = { group: "", version: "v1", kind: "Service", plural: "services", namespaced: true };
    expect(await refusal(cluster.list(services))).toMatchObject({
      kind: "notImplemented",
      message: "the embedded API server does not implement services (v1)",
    });
  });
});

describe("deleting", () => {
  it("a pod without a node goes at once, one on a node waits for its kubelet", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("web"));
    await cluster.delete(PODS, IN_DEFAULT("web"));
    await cluster.create(PODS, aPod("web"));
    await bind(cluster, "web", "node-1");
    await cluster.delete(PODS, IN_DEFAULT("web"));
    const marked = await cluster.get<Pod>(PODS, IN_DEFAULT("web"));
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: "2026-07-01T00:00:30Z",
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    await cluster.delete(PODS, IN_DEFAULT("web"), { gracePeriodSeconds: 0 });
    expect((await refusal(cluster.get(PODS, IN_DEFAULT("web")))).kind).toBe("notFound");
  });

  it("a finalizer holds the object until it is taken off", async () => {
    const { cluster } = aServer();
    await cluster.create(DEPLOYMENTS, aDeployment({ finalizers: ["example.com/hold"] }));
    await cluster.delete(DEPLOYMENTS, IN_DEFAULT("web"));
    expect((await cluster.get(DEPLOYMENTS, IN_DEFAULT("web"))).metadata.deletionTimestamp).toBeDefined();
    await cluster.patch(DEPLOYMENTS, IN_DEFAULT("web"), { type: "merge", patch: { metadata: { finalizers: null } } });
    expect((await refusal(cluster.get(DEPLOYMENTS, IN_DEFAULT("web")))).kind).toBe("notFound");
  });

  it("foreground deletion leaves the object to the garbage collector", async () => {
    const { cluster } = aServer();
    await cluster.create(DEPLOYMENTS, aDeployment());
    await cluster.delete(DEPLOYMENTS, IN_DEFAULT("web"), { propagationPolicy: "Foreground" });
    expect((await cluster.get(DEPLOYMENTS, IN_DEFAULT("web"))).metadata.finalizers).toEqual(["foregroundDeletion"]);
  });

  it("preconditions guard against deleting another object of the same name", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("web"));
    const refused = await refusal(cluster.delete(PODS, IN_DEFAULT("web"), { preconditions: { uid: "other" } }));
    expect(refused.kind).toBe("conflict");
  });

  it("a namespace is Terminating, takes nothing new, and ends when it is finalized", async () => {
    const { cluster } = aServer();
    const ns: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns-1" } };
    await cluster.create(NAMESPACES, ns);
    await cluster.delete(NAMESPACES, { name: "ns-1" });
    const marked = await cluster.get<KubeObject & { status: unknown; spec: object }>(NAMESPACES, { name: "ns-1" });
    expect(marked.status).toEqual({ phase: "Terminating" });
    const refused = await refusal(cluster.create(PODS, aPod("web", { metadata: { name: "web", namespace: "ns-1" } })));
    expect(refused.kind).toBe("forbidden");
    expect(refused.status?.details?.causes?.[0]?.reason).toBe("NamespaceTerminating");
    await cluster.update(NAMESPACES, { ...marked, spec: { finalizers: [] } }, { subresource: "finalize" });
    expect((await refusal(cluster.get(NAMESPACES, { name: "ns-1" }))).kind).toBe("notFound");
  });
});

describe("reading", () => {
  it("pages belong together: changes after the first page do not show", async () => {
    const { cluster } = aServer();
    for (const name of ["a", "b", "c"]) await cluster.create(PODS, aPod(name));
    const first = await cluster.list(PODS, { limit: 2 });
    await cluster.delete(PODS, IN_DEFAULT("c"));
    const second = await cluster.list(PODS, { limit: 2, continue: first.continue! });
    expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c"]);
    expect(second.resourceVersion).toBe(first.resourceVersion);
  });

  it("labels and fields select", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("a"));
    await cluster.create(PODS, aPod("b", { metadata: { name: "b", namespace: "default", labels: { app: "shop" } } }));
    await bind(cluster, "b", "node-1");
    const names = async (options: object): Promise<unknown> =>
      (await cluster.list(PODS, options)).items.map(({ metadata }) => metadata.name);
    expect(await names({ labelSelector: "app in (web)" })).toEqual(["a"]);
    expect(await names({ fieldSelector: "spec.nodeName=node-1" })).toEqual(["b"]);
    expect((await refusal(cluster.list(PODS, { fieldSelector: "spec.foo=1" }))).message).toBe(
      "field label not supported: spec.foo",
    );
  });
});

describe("watching", () => {
  it("catches up from a version and follows, each selector seeing its own story", async () => {
    const { cluster } = aServer();
    const { resourceVersion } = await cluster.list(PODS);
    await cluster.create(PODS, aPod("web"));
    const events = watchInBackground(cluster, { resourceVersion, labelSelector: "app=web" });
    await relabel(cluster, "web", "shop");
    await relabel(cluster, "web", "web");
    await cluster.delete(PODS, IN_DEFAULT("web"));
    expect(await events.take(4)).toEqual(["ADDED web", "DELETED web", "ADDED web", "MODIFIED web"]);
  });

  it("starts with what is there when no version is given", async () => {
    const { cluster } = aServer();
    await cluster.create(PODS, aPod("web"));
    expect(await watchInBackground(cluster, {}).take(1)).toEqual(["ADDED web"]);
  });

  it("a version before the compaction is gone", async () => {
    const { cluster, server } = aServer();
    const { resourceVersion } = await cluster.list(PODS);
    await cluster.create(PODS, aPod("web"));
    server.compact();
    const refused = await refusal(watchInBackground(cluster, { resourceVersion }).take(1));
    expect(refused).toMatchObject({ kind: "gone", status: { reason: "Expired", code: 410 } });
  });

  it("ends after timeoutSeconds and sends bookmarks meanwhile", async () => {
    const { cluster, clock } = aServer();
    const seen: string[] = [];
    const ended = (async () => {
      const signal = new AbortController().signal;
      for await (const event of cluster.watch(PODS, { timeoutSeconds: 90, signal })) seen.push(event.type);
    })();
    await clock.advance(90_000);
    await ended;
    expect(seen).toEqual(["BOOKMARK"]);
  });
});

function aDeployment(metadata: Partial<KubeObject["metadata"]> = {}): KubeObject & { spec: object } {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", ...metadata },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "main", image: "nginx:1" }] },
      },
    },
  };
}

async function bind(cluster: Cluster, name: string, node: string): Promise<void> {
  const binding = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name, namespace: "default" },
    target: { kind: "Node", name: node },
  };
  await cluster.create(PODS, binding, { subresource: "binding", name, namespace: "default" });
}

async function relabel(cluster: Cluster, name: string, app: string): Promise<void> {
  await cluster.patch(PODS, IN_DEFAULT(name), { type: "merge", patch: { metadata: { labels: { app } } } });
}

function watchInBackground(
  cluster: Cluster,
  options: { resourceVersion?: string; labelSelector?: string },
): { take(count: number): Promise<string[]> } {
  const abort = new AbortController();
  const events = cluster.watch<Pod>(PODS, { ...options, signal: abort.signal });
  const iterator = events[Symbol.asyncIterator]();
  return {
    async take(count) {
      const seen: string[] = [];
      while (seen.length < count) {
        const next = await iterator.next();
        if (next.done) break;
        seen.push(describeEvent(next.value));
      }
      abort.abort();
      return seen;
    },
  };
}

function describeEvent(event: WatchEvent<Pod>): string {
  return event.type === "BOOKMARK" ? "BOOKMARK" : `${event.type} ${event.object.metadata.name}`;
}
