import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { WebhookConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";
import { Managers } from "./managers.ts";

const NAMESPACE = "one-file";
const ROUNDS = 6;
const managers = new Managers("one-file-system");
let cluster: KubeApi;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await installSidecarSets(cluster);
  for (const name of [NAMESPACE, "one-file-system"])
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await noSidecarSets();
  await managers.start();
}, 120_000);

afterAll(async () => {
  await noSidecarSets();
  await managers.close();
  await cluster.close();
});

describe("a SidecarSet and its pods in one file", () => {
  it("applied by kubectl at once: every pod has the sidecar, also of the first SidecarSet of the cluster", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `round-${round}`;
      // Every second time the cluster has no SidecarSet, and so no registration of pods, before.
      if (round % 2 === 0) await noPodIsSent();
      await apply([sidecarSet(name), pod(name), deployment(name)]);
      const pods = await eventually(async () => {
        const { items } = await cluster.list<Pod>(PODS, { namespace: NAMESPACE, labelSelector: `app=${name}` });
        expect(items).toHaveLength(3);
        return items;
      });
      const withSidecar = pods.filter(({ spec }) => spec.containers.some((container) => container.name === "log"));
      expect([name, withSidecar.length]).toEqual([name, 3]);
      if (round % 2 === 1)
        for (const set of [name, `round-${round - 1}`]) await cluster.delete(SIDECAR_SETS, { name: set });
    }
  }, 120_000);
});

async function noSidecarSets(): Promise<void> {
  for (const { metadata } of (await cluster.list(SIDECAR_SETS)).items)
    await cluster.delete(SIDECAR_SETS, { name: metadata.name! });
}

async function noPodIsSent(): Promise<void> {
  await eventually(async () => {
    const name = "sidecarset-mutating";
    const { webhooks = [] } = await cluster.get<WebhookConfiguration>(MUTATING_WEBHOOKS, { name });
    expect(webhooks.filter((webhook) => String(webhook.name).startsWith("pods."))).toEqual([]);
  });
}

async function apply(objects: readonly JsonObject[]): Promise<void> {
  const child = promisify(execFile)(realKubectl(), ["--kubeconfig", realKubeconfig(), "apply", "-f", "-"]);
  child.child.stdin!.end(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  await child;
}

function sidecarSet(name: string): JsonObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, containers: [{ name: "log", image: "log:1" }] },
  };
}

function podTemplate(name: string) {
  return { metadata: { labels: { app: name } }, spec: { containers: [{ name: "app", image: "app:1" }] } };
}

function pod(name: string): JsonObject {
  const { metadata, spec } = podTemplate(name);
  return { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name, namespace: NAMESPACE }, spec };
}

function deployment(name: string): JsonObject {
  const template = { ...podTemplate(name), metadata: { labels: { app: name, of: "deployment" } } };
  const selector = { matchLabels: { app: name, of: "deployment" } };
  const metadata = { name, namespace: NAMESPACE };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: 2, selector, template } };
}
