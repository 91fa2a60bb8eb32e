import type { Cluster, ObjectList } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../cluster/resource.ts";
import type { WebhookConfiguration } from "../../cluster/webhookConfiguration.ts";
import { isJsonObject, type JsonObject, type KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { isForNewPods } from "../../core/migration/closedGate.ts";
import { type ManagerDeployment, managerInstallation } from "../../core/migration/managerInstallation.ts";
import type { MigrationState, ServedKind, WebhooksOf } from "../../core/migration/migrationCheck.ts";
import { OPENKRUISE } from "../../core/migration/openKruise.ts";
import { podRecord } from "../../core/pod/podRecord.ts";
import { CONFIGURATION_NAMES } from "../../webhook/registration.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { livingHolder } from "./livingHolder.ts";

/** The state that is judged, with the objects that a move writes. */
export interface MigrationReading extends MigrationState {
  readonly deployment: ManagerDeployment | undefined;
  readonly mutating: WebhookConfiguration | undefined;
  readonly validating: WebhookConfiguration | undefined;
  /** Of SidecarSets. */
  readonly definition: Definition | undefined;
}

/** A CustomResourceDefinition, as much of it as is read. */
export interface Definition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly scope: string;
    readonly versions: readonly { readonly name: string; readonly served: boolean; readonly storage: boolean }[];
    readonly conversion?: { readonly strategy?: string };
    readonly [field: string]: unknown;
  };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

interface ReadOptions {
  readonly systemNamespace: string;
  readonly excludedNamespaces: readonly string[];
  readonly clock: Environment["clock"];
}

/** Only reads. Takes up to the duration of a lease that was left behind. Rejects with a ClusterError. */
export async function readMigration(cluster: Cluster, options: ReadOptions): Promise<MigrationReading> {
  const { systemNamespace: namespace, clock } = options;
  const holder = (name: string) => livingHolder({ cluster, clock, lease: { namespace, name } });
  const [deployment, mutating, validating, registered, definitions, namespaces, pods, theirLeader, ourLeader] =
    await Promise.all([
      found<ManagerDeployment>(cluster, DEPLOYMENTS, { namespace, name: OPENKRUISE.deployment }),
      found<WebhookConfiguration>(cluster, MUTATING_WEBHOOKS, { name: OPENKRUISE.mutating }),
      found<WebhookConfiguration>(cluster, VALIDATING_WEBHOOKS, { name: OPENKRUISE.validating }),
      found(cluster, MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating }),
      cluster.list<Definition>(CUSTOM_RESOURCE_DEFINITIONS),
      cluster.list(NAMESPACES),
      cluster.list<Pod>(PODS, { sparse: true }),
      holder(OPENKRUISE.lease),
      holder(LEASE_NAME),
    ]);
  const theirs = definitions.items.filter(({ spec }) => OPENKRUISE.groups.some((group) => group === spec.group));
  const definition = theirs.find(({ spec }) => spec.names.kind === SIDECAR_SETS.kind);
  return {
    systemNamespace: namespace,
    excludedNamespaces: options.excludedNamespaces,
    deployment,
    mutating,
    validating,
    definition,
    manager: deployment && managerInstallation(deployment),
    theirLeader,
    ourLeader,
    isRegistered: registered !== undefined,
    configurations: [mutating, validating].flatMap((configuration) =>
      configuration ? [webhooksOf(configuration)] : [],
    ),
    kinds: await Promise.all(theirs.map((each) => servedKind(cluster, each))),
    sidecarSets: definition ? await sidecarSets(cluster, definition) : [],
    pods: pods.items.map(podRecord),
    namespaces: new Map(namespaces.items.map(({ metadata: { name = "", labels = {} } }) => [name, labels])),
  };
}

export async function found<T extends KubeObject>(
  cluster: Cluster,
  type: ResourceType,
  name: { readonly namespace?: string; readonly name: string },
): Promise<T | undefined> {
  try {
    return await cluster.get<T>(type, name);
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}

/** The newest version of SidecarSets that a definition serves: installations of OpenKruise before 1.9 have v1alpha1 alone. */
export function sidecarSetsOf({ spec }: Definition): ResourceType {
  const served = spec.versions.filter(({ served }) => served).map(({ name }) => name);
  return { ...SIDECAR_SETS, version: served.includes(SIDECAR_SETS.version) ? SIDECAR_SETS.version : (served[0] ?? "") };
}

async function sidecarSets(cluster: Cluster, definition: Definition): Promise<readonly JsonObject[]> {
  const { items } = await cluster.list(sidecarSetsOf(definition));
  return items as unknown as readonly JsonObject[];
}

function webhooksOf({ metadata, webhooks = [] }: WebhookConfiguration): WebhooksOf {
  const services = webhooks.map(({ clientConfig }) => (isJsonObject(clientConfig) ? clientConfig.service : undefined));
  const service = services.find(isJsonObject);
  const forPods = webhooks.find(isForNewPods);
  return {
    name: metadata.name ?? "",
    webhooks: webhooks.length,
    serviceNamespace: typeof service?.namespace === "string" ? service.namespace : "",
    podFailurePolicy:
      metadata.name === OPENKRUISE.mutating && forPods ? String(forPods.failurePolicy ?? "Fail") : undefined,
  };
}

async function servedKind(cluster: Cluster, { metadata, spec, status }: Definition): Promise<ServedKind> {
  const { kind, plural } = spec.names;
  const version = spec.versions.find(({ storage, served }) => storage && served) ?? spec.versions[0];
  const type = {
    group: spec.group,
    version: version?.name ?? "",
    kind,
    plural,
    namespaced: spec.scope === "Namespaced",
  };
  return {
    kind,
    definition: metadata.name ?? "",
    versions: spec.versions.filter(({ served }) => served).map(({ name }) => name),
    storedVersions: status?.storedVersions ?? [],
    convertedByWebhook: spec.conversion?.strategy === "Webhook",
    objects: await countOf(cluster, type),
  };
}

const PAGE = 500;

/** @returns undefined when they cannot be read: we may not, or what converts them does not answer */
async function countOf(cluster: Cluster, type: ResourceType): Promise<number | undefined> {
  try {
    let count = 0;
    let page: string | undefined;
    do {
      const list: ObjectList<KubeObject> = await cluster.list(type, { limit: PAGE, ...(page && { continue: page }) });
      count += list.items.length;
      page = list.continue;
    } while (page);
    return count;
  } catch (error) {
    if (isClusterError(error)) return undefined;
    throw error;
  }
}
