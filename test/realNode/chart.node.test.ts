import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  type ResourceType,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { WebhookConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { realKubeconfig } from "../realCluster/kubeconfigOfRun.ts";
import { startPodsWithoutEnd } from "../realCluster/podsWithoutEnd.ts";
import { containerStatusOf, processOf } from "./containerProcess.ts";
import { deployment, isReady } from "./nodeWorld.ts";
import { NEXT_TAG } from "./ownImage.ts";
import { LOGS } from "./sandbox.ts";
import { Shell } from "./shell.ts";

const CHART = resolve(import.meta.dirname, "../../deploy/chart");
const SYSTEM = "kruise-system";
const NAMESPACE = "shop";
const DEFINITION = { name: "sidecarsets.apps.kruise.io" };
const PATIENCE_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "chart-"));
const shell = new Shell();
let cluster: KubeApi;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await nothingInstalled();
  writeFileSync(join(folder, "shop.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: SHOP }));
});
afterAll(async () => {
  const logs = await shell
    .run(`kubectl logs -n ${SYSTEM} -l app.kubernetes.io/component=manager --tail=-1 --prefix`, "aside")
    .catch(String);
  writeFileSync(join(process.env[LOGS] ?? folder, "managers.log"), logs);
  await shell.run(`helm uninstall sidecarset -n ${SYSTEM} --wait`, "aside").catch(() => undefined);
  console.log(shell.transcript.replaceAll(`${folder}/`, "").replaceAll(CHART, "deploy/chart"));
  await cluster.delete(NAMESPACES, { name: NAMESPACE }).catch(() => undefined);
  await nothingInstalled();
  await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

const SHOP = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "log" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      containers: [{ name: "sidecar", image: "local/sidecar:1", env: [{ name: "PORT", value: "9001" }] }],
      updateStrategy: { maxUnavailable: 1 },
    },
  },
  deployment(NAMESPACE, 3),
];

describe("the chart on a real node", () => {
  it("is installed by one command, into a namespace that enforces the strictest pod security", async () => {
    await shell.run(`kubectl create namespace ${SYSTEM}`);
    await shell.run(`kubectl label namespace ${SYSTEM} pod-security.kubernetes.io/enforce=restricted`);
    await shell.run(`helm install sidecarset ${CHART} -n ${SYSTEM} --wait --timeout 120s`);
    await shell.run(`kubectl get pods -n ${SYSTEM} -o wide`);
    expect(await managers()).toHaveLength(2);
  });

  it("runs two managers as nobody, on a root that cannot be written, without any capability", async () => {
    for (const pod of await managers()) {
      const { pid } = processOf(pod, "manager")!;
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1];
      expect(["Uid", "Gid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp"].map(field)).toEqual([
        ...["65532", "65532", "0000000000000000", "0000000000000000", "1", "2"],
      ]);
      const root = readFileSync(`/proc/${pid}/mountinfo`, "utf8")
        .split("\n")
        .find((line) => line.split(" ")[4] === "/");
      expect(root?.split(" ")[5]).toMatch(/^ro,/);
      expect(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, 3)).toEqual([
        ...["/bin/node", "/sidecarset/sidecarset.js", "run"],
      ]);
    }
  });

  it("gives Node the memory of its container, not that of the machine", async () => {
    const heap = await shell.run(
      `kubectl exec -n ${SYSTEM} deployment/sidecarset-manager -- node -p 'v8.getHeapStatistics().heap_size_limit >> 20'`,
    );
    expect(Number(heap)).toBeLessThan(512);
  });

  it("is called by the API server through its Service", async () => {
    const { webhooks = [] } = await cluster.get<WebhookConfiguration>(MUTATING_WEBHOOKS, {
      name: "sidecarset-mutating",
    });
    const clients = webhooks.map((webhook) => webhook.clientConfig);
    for (const client of clients)
      expect(client).toMatchObject({ service: { namespace: SYSTEM, name: "sidecarset-webhook", port: 443 } });
    await isReached();
  });

  it("injects the pods of a Deployment that comes in one file with its SidecarSet", async () => {
    await shell.run(`kubectl apply -f ${join(folder, "shop.json")}`);
    await shell.run(`kubectl rollout status deployment/web -n ${NAMESPACE} --timeout=90s`);
    await rolledOut();
    await shell.run(`kubectl get pods -n ${NAMESPACE} && kubectl get sidecarset log`);
    expect((await shop()).map(imageOfSidecar)).toEqual(Array(3).fill("local/sidecar:1"));
  });

  it("upgrades their sidecars in place", async () => {
    await upgrades("local/sidecar:2");
  });

  it("is itself upgraded in the middle of a rollout: no pod refused, none touched that is held back, each upgraded once", async () => {
    const before = await managers();
    const pods = startPodsWithoutEnd(tryPod, "sidecar");
    await upgrades("local/sidecar:3", () =>
      shell.run(`helm upgrade sidecarset ${CHART} -n ${SYSTEM} --set image.tag=${NEXT_TAG} --wait --timeout 120s`),
    );
    await patiently(async () => expect(await managers()).toHaveLength(2));
    await pods.stop();
    const young = await managers();
    expect(young.map(imageId)).not.toContain(imageId(before[0]!));
    expect(pods.refused).toEqual([]);
    expect(pods.injected).toBe(pods.created);
    expect(pods.created).toBeGreaterThan(50);
  });

  it("is removed without refusing a pod; SidecarSets, their kind and running pods stay as they are", async () => {
    const before = processes(await shop());
    const pods = startPodsWithoutEnd(tryPod, "sidecar");
    await shell.run(`helm uninstall sidecarset -n ${SYSTEM} --wait --timeout 120s`);
    await patiently(async () => expect(await managers()).toEqual([]));
    const withSidecar = pods.injected;
    const seen = pods.answered;
    await patiently(async () => expect(pods.answered).toBeGreaterThan(seen + 20));
    await pods.stop();
    expect(pods.refused).toEqual([]);
    expect(withSidecar).toBeGreaterThan(0);
    for (const type of [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS]) expect(await named(type)).toEqual([]);
    await shell.run(
      `kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations -o name | grep -c sidecarset || true`,
    );
    await shell.run(
      `kubectl get sidecarset log && kubectl get pods -n ${NAMESPACE} && kubectl get all,secrets,configmaps -n ${SYSTEM}`,
    );
    expect(processes(await shop())).toEqual(before);
  });

  it("is installed again over what it left, and goes on", async () => {
    await shell.run(`helm install sidecarset ${CHART} -n ${SYSTEM} --wait --timeout 120s`);
    // The lease of the last leader, which lost its rights before it could give it back, has to end first.
    await isReached();
    await upgrades("local/sidecar:2");
  });
});

/** Every sidecar becomes another process once, and no application does. @param meanwhile what happens while one pod is held back */
async function upgrades(image: string, meanwhile?: () => Promise<unknown>): Promise<void> {
  const before = processes(await shop());
  const replacement = { op: "replace", path: "/spec/containers/0/image", value: image };
  if (meanwhile === undefined) await patchSet([replacement]);
  else {
    await patchSet([replacement, { op: "add", path: "/spec/updateStrategy/partition", value: 1 }]);
    await shell.run("kubectl wait sidecarset/log --for=jsonpath='{.status.rollout.phase}'=Held --timeout=90s");
    const held = processes(await shop());
    await meanwhile();
    expect(processes(await shop())).toEqual(held);
    await patchSet([{ op: "replace", path: "/spec/updateStrategy/partition", value: 0 }]);
  }
  await patiently(async () => expect((await shop()).map(imageOfSidecar)).toEqual(Array(3).fill(image)));
  await rolledOut();
  await shell.run("kubectl get sidecarset log");
  const after = processes(await shop());
  expect(after.map(({ app }) => app)).toEqual(before.map(({ app }) => app));
  expect(after.map(({ sidecar }) => sidecar?.restartCount)).toEqual(
    before.map(({ sidecar }) => sidecar!.restartCount + 1),
  );
}

async function patchSet(operations: readonly unknown[]): Promise<void> {
  await shell.run(`kubectl patch sidecarset log --type json -p '${JSON.stringify(operations)}'`);
}

/** The registration, and the endpoints of the Service, take a moment to reach the API server. */
async function isReached(): Promise<void> {
  const told = await patiently(() => shell.run(`helm test sidecarset -n ${SYSTEM} --timeout 60s`));
  expect(told).toMatch(/Phase:\s+Succeeded/);
}

async function rolledOut(): Promise<void> {
  await shell.run("kubectl wait sidecarset/log --for=condition=Ready --timeout=90s");
}

async function managers(): Promise<readonly Pod[]> {
  const labelSelector = "app.kubernetes.io/component=manager";
  const { items } = await cluster.list<Pod>(PODS, { namespace: SYSTEM, labelSelector });
  return items.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp);
}

async function shop(): Promise<readonly Pod[]> {
  const { items } = await cluster.list<Pod>(PODS, { namespace: NAMESPACE });
  return [...items].sort((one, other) => (one.metadata.name! < other.metadata.name! ? -1 : 1));
}

function processes(pods: readonly Pod[]) {
  return pods.map((pod) => ({ app: processOf(pod, "app"), sidecar: processOf(pod, "sidecar") }));
}

function imageOfSidecar({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === "sidecar")?.image;
}

function imageId(pod: Pod): string | undefined {
  return containerStatusOf(pod, "manager")?.imageID;
}

function tryPod(): Promise<Pod> {
  const { template } = (deployment(NAMESPACE, 1) as KubeObject & { readonly spec: { readonly template: Pod } }).spec;
  const metadata = { ...template.metadata, name: "tried", namespace: NAMESPACE };
  return cluster.create<Pod>(PODS, { ...template, apiVersion: "v1", kind: "Pod", metadata }, { dryRun: true });
}

/** As on a cluster that has never heard of us. */
async function nothingInstalled(): Promise<void> {
  for (const type of [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS])
    for (const name of await named(type)) await cluster.delete(type, { name });
  await cluster.delete(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION).catch(() => undefined);
  await patiently(async () => expect(await isGone(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION.name)).toBe(true));
  await cluster.delete(NAMESPACES, { name: SYSTEM }).catch(() => undefined);
  await patiently(async () => expect(await isGone(NAMESPACES, SYSTEM)).toBe(true));
}

function isGone(type: ResourceType, name: string): Promise<boolean> {
  return cluster.get(type, { name }).then(
    () => false,
    (error: unknown) => isClusterError(error, "notFound"),
  );
}

/** Longer than a lease that nobody has given back, and than pods take to end. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function named(type: ResourceType): Promise<readonly string[]> {
  const { items } = await cluster.list(type);
  return items.map(({ metadata }) => metadata.name!).filter((name) => name.startsWith("sidecarset-"));
}
