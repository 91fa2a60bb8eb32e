import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { CONFIG_MAPS, MUTATING_WEBHOOKS, PODS } from "../../src/cluster/resource.ts";
import { storeConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { STOP_SWITCHES } from "../../src/core/sidecarSet/stopSwitches.ts";
import type { KubeApi } from "../../src/kubeapi/connect.ts";
import { ask, startProcess } from "./benchProcess.ts";
import { type RealCluster, SYSTEM_NAMESPACE } from "./controlPlane.ts";
import { unregister } from "./manager.ts";
import { MARKS } from "./podMarks.ts";
import { SELECTED } from "./sidecarSets.ts";
import { until } from "./until.ts";

/** Whom the API server asks about the pods of this namespace. Ours runs all the time. */
export type Registered = "none" | "bare" | "ours";

export interface BareWebhook {
  readonly pid: number;
  readonly configuration: KubeObject;
}

export const NAMESPACE = "shop";
const SWITCHES = { namespace: SYSTEM_NAMESPACE, name: STOP_SWITCHES };

/** Settles when the API server goes by it, which a pod shows that would come by the mark, or no more. */
export async function register(
  { api }: RealCluster,
  wanted: Registered,
  { configuration: bare }: BareWebhook,
): Promise<void> {
  const data = { registration: wanted === "ours" ? "running" : "stopped" };
  await switched(api, data);
  const { webhooks } = bare as KubeObject & { readonly webhooks: readonly [] };
  await storeConfiguration(api, MUTATING_WEBHOOKS, { ...bare, webhooks: wanted === "bare" ? webhooks : [] });
  await until(`${wanted} is in effect`, async () => {
    if (wanted !== "ours") await unregister(api);
    const { metadata, spec } = await api.create(PODS, probe(), { dryRun: true });
    const text = JSON.stringify({ metadata, spec });
    const seen = (Object.keys(MARKS) as (keyof typeof MARKS)[]).filter((by) => text.includes(MARKS[by]));
    if (seen.join() !== (wanted === "none" ? "" : wanted)) throw new Error(`the pod was changed by: ${seen.join()}`);
  });
}

async function switched(api: KubeApi, data: Readonly<Record<string, string>>): Promise<void> {
  try {
    await api.patch(CONFIG_MAPS, SWITCHES, { type: "merge", patch: { data } });
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
    await api.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata: SWITCHES, data } as KubeObject);
  }
}

function probe(): KubeObject & { readonly spec: object } {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "probe-", namespace: NAMESPACE, labels: SELECTED, annotations: { probe: "" } },
    spec: { containers: [{ name: "web", image: "web" }] },
  };
}

/** Nothing is sent to it yet. */
export async function startBareWebhook(cluster: RealCluster): Promise<BareWebhook> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "bench", now });
  const leaf = { commonName: "bench", usage: "server", now, ipAddresses: ["127.0.0.1"] } as const;
  const webhook = await startProcess(cluster, "bareWebhook.ts");
  const port = await ask<number>(webhook, await issueLeaf(authority, leaf));
  const caBundle = Buffer.from(authority.certificate).toString("base64");
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "bare" },
    webhooks: [
      {
        name: "bare.example.com",
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  } as KubeObject;
  return { pid: webhook.pid!, configuration };
}
