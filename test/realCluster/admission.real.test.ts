import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Manager, startManager } from "../../src/cli/startManager.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const environment = { clock: systemClock, random: Math.random, log: () => {} };
const stop = new AbortController();
let cluster: KubeApi;
let manager: Manager;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await installSidecarSets(cluster);
  await unlessThere(cluster.create(NAMESPACES, aNamespace("sidecarset-system")));
  await unlessThere(cluster.create(NAMESPACES, aNamespace("admission")));
  manager = await startManager({
    cluster,
    environment,
    systemNamespace: "sidecarset-system",
    listen: { host: "127.0.0.1", port: 0 },
    address: "listen",
    signal: stop.signal,
  });
}, 60_000);

afterAll(async () => {
  await cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
  await cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" });
  await manager.close();
  await cluster.close();
});

describe("admission by a real API server", () => {
  it("refuses a SidecarSet with the words of our validation", async () => {
    const broken = aSidecarSet("broken", { updateStrategy: { partition: "abc" } });
    await expect(cluster.create(SIDECAR_SETS, broken)).rejects.toThrow("spec.updateStrategy.partition: Invalid value");
  });

  it("stores the hashes, and injects the pods that are created from then on", async () => {
    const stored = await cluster.create(SIDECAR_SETS, aSidecarSet("logging"));
    expect(stored.metadata.annotations?.["kruise.io/sidecarset-hash"]).toMatch(/^[a-z0-9]{64}$/);
    const pod = await eventually(() => injectedPod(cluster));
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["logtail", "app"]);
    expect(pod.spec.containers[0]?.env).toEqual([
      { name: "IS_INJECTED", value: "true" },
      { name: "TZ", value: "Asia/Shanghai" },
    ]);
  });

  it("lets the service account's token reach the sidecar, which comes in after it was mounted", async () => {
    const pod = await eventually(() => injectedPod(cluster));
    for (const { name, volumeMounts = [] } of pod.spec.containers) {
      const tokens = volumeMounts.filter(({ mountPath }) => mountPath === TOKEN_PATH);
      expect([name, tokens.length]).toEqual([name, 1]);
    }
  });
});

async function injectedPod(cluster: Cluster): Promise<Pod> {
  const pod = await cluster.create<Pod>(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "web-", namespace: "admission", labels: { app: "web" } },
    spec: { containers: [{ name: "app", image: "app:1", env: [{ name: "TZ", value: "Asia/Shanghai" }] }] },
  });
  expect(pod.spec.containers).toHaveLength(2);
  return pod;
}

function aSidecarSet(name: string, spec: object = {}): KubeObject {
  const container = {
    name: "logtail",
    image: "logtail:1",
    transferEnv: [{ sourceContainerName: "app", envName: "TZ" }],
  };
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name },
    spec: { selector: { matchLabels: { app: "web" } }, containers: [container], ...spec },
  } as KubeObject;
}

function aNamespace(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

async function unlessThere(created: Promise<unknown>): Promise<void> {
  await created.catch((error: unknown) => {
    if (!isClusterError(error, "alreadyExists")) throw error;
  });
}
