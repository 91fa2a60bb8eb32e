import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  LEASES,
  MUTATING_WEBHOOKS,
  PODS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import { OPENKRUISE } from "../../src/core/migration/openKruise.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { startWebhookServer } from "../contract/webhookServer.ts";

const DEFINITION = { name: "sidecarsets.apps.kruise.io" };
const MANAGER = { "control-plane": "controller-manager" };

export interface StandIn {
  /** Whether somebody answers its webhooks. */
  readonly answers: boolean;
  /** Registers its webhooks: from now on every new pod depends on its manager. */
  register(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * What stands in a cluster where OpenKruise is installed: its Deployment, its definition of SidecarSets, its webhooks, and its Lease,
 * renewed and its webhooks answered as long as there is a pod of its Deployment. No part of OpenKruise runs.
 */
export async function installStandIn(cluster: Cluster, namespace: string): Promise<StandIn> {
  await removeDefinition(cluster);
  await eventually(() => cluster.create(CUSTOM_RESOURCE_DEFINITIONS, theirDefinition()));
  await cluster.create(DEPLOYMENTS, theirDeployment(namespace));
  const lease = { namespace, name: OPENKRUISE.lease };
  await cluster.create<Loose>(LEASES, {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: lease,
    spec: {},
  });
  const server = await startWebhookServer(() => (answers ? { allowed: true } : undefined));
  let answers = true;
  let writing = Promise.resolve();
  const beat = setInterval(() => {
    writing = writing.then(renew).catch(() => {});
  }, 500);
  async function renew(): Promise<void> {
    const { items } = await cluster.list(PODS, { namespace, labelSelector: "control-plane=controller-manager" });
    answers = items.length > 0;
    if (!answers) return;
    const spec = { holderIdentity: "their-manager", leaseDurationSeconds: 15, renewTime: microTime() };
    await cluster.patch(LEASES, lease, { type: "merge", patch: { spec } });
  }
  return {
    get answers() {
      return answers;
    },
    async register() {
      await cluster.create(MUTATING_WEBHOOKS, theirWebhooks("mutating", server));
      await cluster.create(VALIDATING_WEBHOOKS, theirWebhooks("validating", server));
    },
    async stop() {
      clearInterval(beat);
      await writing;
      await server.close();
      await removed(cluster.delete(MUTATING_WEBHOOKS, { name: OPENKRUISE.mutating }));
      await removed(cluster.delete(VALIDATING_WEBHOOKS, { name: OPENKRUISE.validating }));
      await removeDefinition(cluster);
    },
  };
}

/** With every SidecarSet. Objects that a webhook converts can be read, and so be removed, only when it is not asked any more. */
async function removeDefinition(cluster: Cluster): Promise<void> {
  const patch = { spec: { conversion: { strategy: "None", webhook: null } } };
  await removed(cluster.patch(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION, { type: "merge", patch }));
  // The API server deletes the objects first; when that meets a definition just changed, it tries again much later.
  for (const end = Date.now() + 300_000; Date.now() < end; ) {
    if (await removed(cluster.delete(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION))) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("the definition of SidecarSets does not go");
}

/** @returns whether there was nothing (any more) */
async function removed(deleting: Promise<unknown>): Promise<boolean> {
  try {
    await deleting;
    return false;
  } catch (error) {
    if (isClusterError(error, "notFound")) return true;
    throw error;
  }
}

function theirDeployment(namespace: string): Loose {
  const args = [
    "--enable-leader-election",
    `--leader-election-namespace=${namespace}`,
    "--feature-gates=KruiseDaemon=false",
  ];
  const image = "openkruise/kruise-manager:v1.9.0";
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      namespace,
      name: OPENKRUISE.deployment,
      labels: { ...MANAGER, "app.kubernetes.io/managed-by": "Helm" },
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: MANAGER },
      template: {
        metadata: { labels: MANAGER },
        spec: { automountServiceAccountToken: false, containers: [{ name: "manager", image, args }] },
      },
    },
  };
}

function theirWebhooks(which: "mutating" | "validating", { url, caBundle }: { url: string; caBundle: string }): Loose {
  const exempt = { matchExpressions: [{ key: "control-plane", operator: "DoesNotExist" }] };
  const webhook = (name: string, rule: JsonObject, namespaceSelector: JsonObject = {}) => ({
    name,
    clientConfig: { url: `${url}/${name}`, caBundle },
    rules: [rule],
    namespaceSelector,
    failurePolicy: "Fail",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    timeoutSeconds: 2,
  });
  const pods = (operations: string[]) => ({ apiGroups: [""], apiVersions: ["v1"], operations, resources: ["pods"] });
  const sets = {
    apiGroups: ["apps.kruise.io"],
    apiVersions: ["v1alpha1", "v1beta1"],
    operations: ["CREATE", "UPDATE"],
    resources: ["sidecarsets"],
  };
  const webhooks =
    which === "mutating"
      ? [webhook("mpod.kb.io", pods(["CREATE"]), exempt), webhook("msidecarset.kb.io", sets)]
      : [webhook("vpod.kb.io", pods(["UPDATE", "DELETE"]), exempt), webhook("vsidecarset.kb.io", sets)];
  const kind = which === "mutating" ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration";
  const metadata = { name: OPENKRUISE[which], annotations: { template: JSON.stringify(webhooks) } };
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata, webhooks } as unknown as Loose;
}

/** Two versions that a webhook converts, and a schema that drops what it does not know. */
function theirDefinition(): KubeObject {
  const ours = parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as Loose;
  const { names, group, scope } = ours.spec;
  const version = (name: string, own: JsonObject) => ({
    name,
    served: true,
    storage: name === "v1beta1",
    subresources: { status: {} },
    schema: { openAPIV3Schema: { type: "object", properties: { spec: theirSpec(own), status: OPEN } } },
  });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: DEFINITION,
    spec: {
      ...{ names, group, scope },
      conversion: {
        strategy: "Webhook",
        webhook: {
          conversionReviewVersions: ["v1", "v1beta1"],
          clientConfig: { service: { namespace: "nowhere", name: "kruise-webhook-service", path: "/convert" } },
        },
      },
      versions: [version("v1alpha1", { namespace: TEXT }), version("v1beta1", { customVersion: TEXT })],
    },
  } as Loose;
}

const OPEN = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const TEXT = { type: "string" };
const NUMBER_OR_TEXT = { "x-kubernetes-int-or-string": true };
const TRUTH = { type: "boolean" };

function theirSpec(own: JsonObject): JsonObject {
  const list = (items: JsonObject) => ({ type: "array", items });
  const object = (properties: JsonObject) => ({ type: "object", properties });
  return object({
    ...own,
    ...{ selector: OPEN, namespaceSelector: OPEN, revisionHistoryLimit: { type: "integer" } },
    ...{ containers: list(OPEN), initContainers: list(OPEN), volumes: list(OPEN), imagePullSecrets: list(OPEN) },
    patchPodMetadata: list(object({ annotations: { type: "object", additionalProperties: TEXT }, patchPolicy: TEXT })),
    updateStrategy: object({
      ...{ type: TEXT, paused: TRUTH, selector: OPEN, partition: NUMBER_OR_TEXT, maxUnavailable: NUMBER_OR_TEXT },
      ...{ priorityStrategy: OPEN, scatterStrategy: list(object({ key: TEXT, value: TEXT })) },
    }),
    injectionStrategy: object({ paused: TRUTH, revision: OPEN }),
  });
}

function microTime(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
