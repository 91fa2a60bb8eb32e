import type { Cluster } from "../../src/cluster/cluster.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { JsonObject, ObjectMeta } from "../../src/core/kube/object.ts";
import { aPod, aPodOnNode, createConfigMap, createPod, type Loose } from "./fixtures.ts";

/** Creates pods of a namespace that differ in everything a pod record is made of. */
export async function createVariedPods(cluster: Cluster, namespace: string): Promise<void> {
  const owners = [
    await createConfigMap(cluster, namespace, "owner"),
    await createConfigMap(cluster, namespace, "other"),
  ];
  await createPod(cluster, aPod(namespace, "bare"));
  await createPod(cluster, running(namespace, owners));
  await cluster.patch(PODS, { namespace, name: "running" }, { type: "merge", patch: { status: RUNNING } }, STATUS);
  const images = [{ op: "replace", path: "/spec/containers/0/image", value: "registry.local/app:2" }] as const;
  await cluster.patch(PODS, { namespace, name: "running" }, { type: "json", operations: images });
  await createPod(
    cluster,
    aPodOnNode(namespace, "leaving", { metadata: { ownerReferences: [reference(owners[0]!)] } }),
  );
  await cluster.patch(PODS, { namespace, name: "leaving" }, { type: "merge", patch: { status: WAITING } }, STATUS);
  await cluster.delete(PODS, { namespace, name: "leaving" }, { gracePeriodSeconds: 600 });
}

const STATUS = { subresource: "status" };
const STARTED = "2026-06-01T08:15:30Z";

function running(namespace: string, [owner, other]: readonly Loose[]): Loose {
  const metadata: ObjectMeta = {
    labels: { app: "web", empty: "", "topology.kubernetes.io/zone": "eu-west-1a" },
    annotations: {
      "kruise.io/sidecarset-hash":
        '{"logging":{"updateTimestamp":"2026-06-01T00:00:00Z","hash":"abc","sidecarSetName":"logging"}}',
      "example.com/text": "größe 日本 🚀 \ufffd",
      "example.com/long": "x".repeat(300),
      "example.com/empty": "",
    },
    ownerReferences: [reference(other!), { ...reference(owner!), controller: true, blockOwnerDeletion: false }],
  };
  const probe = { exec: { command: ["true"] } };
  const spec: JsonObject = {
    initContainers: [
      { name: "setup", image: "registry.local/setup:1", env: [{ name: "A", value: "b" }] },
      {
        name: "mesh",
        image: "registry.local/mesh:1",
        restartPolicy: "Always",
        startupProbe: { ...probe, periodSeconds: 3 },
      },
    ],
    containers: [
      { name: "app", image: "registry.local/app:1", readinessProbe: probe, startupProbe: probe },
      {
        name: "slow",
        image: "registry.local/slow:1",
        startupProbe: { ...probe, initialDelaySeconds: 7 },
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
      { name: "silent", image: "registry.local/silent:1", resources: { requests: { cpu: "100m" } } },
    ],
    volumes: [{ name: "data", emptyDir: { sizeLimit: "1Gi" } }],
  };
  return aPodOnNode(namespace, "running", { metadata, spec });
}

function reference({ apiVersion, kind, metadata }: Loose) {
  return { apiVersion, kind, name: metadata.name ?? "", uid: metadata.uid ?? "" };
}

const RUNNING: JsonObject = {
  phase: "Running",
  observedGeneration: 1,
  startTime: STARTED,
  conditions: [
    { type: "PodScheduled", status: "True", lastTransitionTime: STARTED },
    { type: "Ready", status: "True", lastTransitionTime: "2026-06-01T08:16:00Z" },
    {
      type: "SidecarSetUpgradable",
      status: "False",
      reason: "UpdateImmutableField",
      message: "größer",
      lastProbeTime: STARTED,
    },
  ],
  initContainerStatuses: [
    {
      ...reported("setup", 0),
      ready: true,
      state: { terminated: { exitCode: 0, reason: "Completed", startedAt: STARTED } },
    },
    { ...reported("mesh", 3), ready: true, started: true, state: { running: { startedAt: STARTED } } },
  ],
  containerStatuses: [
    { ...reported("app", 1), ready: true, started: true, state: { running: { startedAt: "1969-12-31T23:59:59Z" } } },
    {
      ...reported("slow", 300),
      ready: false,
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
      lastState: { terminated: { exitCode: 137, startedAt: STARTED } },
    },
  ],
};

const WAITING: JsonObject = {
  phase: "Pending",
  conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady", lastTransitionTime: STARTED }],
  containerStatuses: [
    {
      name: "app",
      image: "",
      imageID: "",
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: "ImagePullBackOff" } },
    },
  ],
};

function reported(name: string, restartCount: number): JsonObject {
  const id = name.repeat(8);
  return {
    name,
    restartCount,
    image: `registry.local/${name}:1`,
    imageID: `registry.local/${name}@sha256:${id}`,
    containerID: `containerd://${id}`,
  };
}
