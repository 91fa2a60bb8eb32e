import { X509Certificate } from "node:crypto";
import type { Cluster } from "../../cluster/cluster.ts";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../cluster/resource.ts";
import type { Definition, Installation, WebhookObject } from "../../core/installation/installation.ts";
import { isJsonObject } from "../../core/kube/object.ts";
import { type ManagerDeployment, managerInstallation } from "../../core/migration/managerInstallation.ts";
import { OPENKRUISE } from "../../core/migration/openKruise.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { NOTHING_STOPPED, STOP_SWITCHES, stopSwitches } from "../../core/sidecarSet/stopSwitches.ts";
import type { KubeApi } from "../../kubeapi/connect.ts";
import { CONFIGURATION_NAMES } from "../../webhook/registration.ts";
import { VERSION } from "../version.ts";
import { askRights } from "./askRights.ts";
import { found } from "./readable.ts";
import { readManagers } from "./readManagers.ts";
import { tryWebhook } from "./tryWebhook.ts";

/** Reads all that is judged; of the webhook it also tries whether it answers, with a pod that is never stored. */
export async function readInstallation(
  cluster: KubeApi,
  { systemNamespace: namespace, isBefore }: { readonly systemNamespace: string; readonly isBefore: boolean },
): Promise<Installation> {
  const [systemNamespace, definition, rights, openKruise, mutating, validating] = await Promise.all([
    found(cluster.get(NAMESPACES, { name: namespace })),
    found(cluster.get<Definition>(CUSTOM_RESOURCE_DEFINITIONS, { name: "sidecarsets.apps.kruise.io" })),
    askRights(cluster, namespace, isBefore),
    readOpenKruise(cluster),
    found(cluster.get<WebhookObject>(MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating })),
    found(cluster.get<WebhookObject>(VALIDATING_WEBHOOKS, { name: CONFIGURATION_NAMES.validating })),
  ]);
  const [managers, switches, sets] = await Promise.all([
    readManagers(cluster, namespace),
    found(cluster.get(CONFIG_MAPS, { namespace, name: STOP_SWITCHES })),
    readSets(cluster),
  ]);
  const canBeTried = !isBefore && mutating && systemNamespace;
  return {
    clientVersion: VERSION,
    serverVersion: cluster.serverVersion,
    ...{ systemNamespace, definition, rights, openKruise, mutating, validating },
    ...managers,
    ...sets,
    switches: switches === null ? NOTHING_STOPPED : switches && stopSwitches(switches),
    authorities: mutating ? authoritiesOf(mutating) : [],
    answer: canBeTried ? await tryWebhook(cluster, namespace) : undefined,
    now: Date.now(),
  };
}

/** By the name of its Deployment, wherever it is. */
async function readOpenKruise(cluster: Cluster): Promise<Installation["openKruise"]> {
  const fieldSelector = `metadata.name=${OPENKRUISE.deployment}`;
  const listed = await found(cluster.list<ManagerDeployment>(DEPLOYMENTS, { fieldSelector }));
  const deployment = listed?.items[0];
  if (!deployment) return undefined;
  const { replicas, version } = managerInstallation(deployment);
  return { namespace: deployment.metadata.namespace ?? "", replicas, version };
}

async function readSets(cluster: Cluster): Promise<Pick<Installation, "sidecarSets" | "unreadable">> {
  const listed = await found(cluster.list(SIDECAR_SETS));
  const unreadable = new Map<string, string>();
  const sidecarSets = (listed?.items ?? []).flatMap((object): readonly SidecarSet[] => {
    const set = parseSidecarSet(object);
    if (set.ok) return [set.value];
    unreadable.set(object.metadata.name ?? "", set.error.map(({ field, detail }) => `${field}: ${detail}`).join("; "));
    return [];
  });
  return { sidecarSets: listed ? sidecarSets : undefined, unreadable };
}

/** When each certificate of the first bundle ends; a text that holds none counts as no bundle. */
function authoritiesOf({ webhooks = [] }: WebhookObject): readonly number[] {
  const bundles = webhooks.map(({ clientConfig }) => (isJsonObject(clientConfig) ? clientConfig.caBundle : undefined));
  const bundle = bundles.find((text) => typeof text === "string" && text !== "");
  const pem = Buffer.from(String(bundle ?? ""), "base64").toString("utf8");
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => Date.parse(new X509Certificate(block).validTo));
}
