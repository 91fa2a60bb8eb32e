import { isClusterError } from "../../cluster/clusterError.ts";
import {
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  EVENTS,
  LEASES,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { podRecord } from "../../core/pod/podRecord.ts";
import {
  CONFIGURATION_CONFIG_MAP,
  INJECTED_LIST_ANNOTATION,
  SIDECAR_SET_NAME_LABEL,
} from "../../core/sidecarSet/annotations.ts";
import { STOP_SWITCHES } from "../../core/sidecarSet/stopSwitches.ts";
import type { KubeApi } from "../../kubeapi/connect.ts";
import { CONFIGURATION_NAMES } from "../../webhook/registration.ts";
import { yamlText } from "../change/yamlText.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { redacted, redactedPod } from "./redact.ts";

/** Path in the bundle → text. */
export type BundleFiles = ReadonlyMap<string, string>;

export interface Collected {
  readonly files: BundleFiles;
  /** What could not be had, or was left out; for who reads the bundle. */
  readonly remarks: readonly string[];
}

/** So many pods tell enough; those that are not ready come first. */
const MOST_PODS = 1_000;
const MOST_LOG_LINES = 5_000;

interface Wanted {
  readonly file: string;
  readonly type: ResourceType;
  readonly namespace?: string;
  /** Left out: all of the kind. */
  readonly names?: readonly string[];
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

function wantedKinds(namespace: string): readonly Wanted[] {
  return [
    { file: "sidecarsets.yaml", type: SIDECAR_SETS },
    { file: "revisions.yaml", type: CONTROLLER_REVISIONS, namespace, labelSelector: SIDECAR_SET_NAME_LABEL },
    { file: "namespaces.yaml", type: NAMESPACES },
    { file: "events-of-sidecarsets.yaml", type: EVENTS, fieldSelector: "involvedObject.kind=SidecarSet" },
    { file: "system/events.yaml", type: EVENTS, namespace },
    { file: "system/deployments.yaml", type: DEPLOYMENTS, namespace },
    { file: "system/lease.yaml", type: LEASES, namespace, names: [LEASE_NAME] },
    { file: "system/configmaps.yaml", type: CONFIG_MAPS, namespace, names: [STOP_SWITCHES, CONFIGURATION_CONFIG_MAP] },
    { file: "webhooks/mutating.yaml", type: MUTATING_WEBHOOKS, names: [CONFIGURATION_NAMES.mutating] },
    { file: "webhooks/validating.yaml", type: VALIDATING_WEBHOOKS, names: [CONFIGURATION_NAMES.validating] },
    { file: "crd.yaml", type: CUSTOM_RESOURCE_DEFINITIONS, names: ["sidecarsets.apps.kruise.io"] },
  ];
}

/** Everything that tells how it stands, redacted. Secrets are never read. */
export async function collectBundle(cluster: KubeApi, systemNamespace: string): Promise<Collected> {
  const files = new Map<string, string>();
  const remarks: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isClusterError(error)) throw error;
      remarks.push(`${what}: ${error.message}`);
    }
  };
  for (const wanted of wantedKinds(systemNamespace)) {
    await attempt(wanted.file, async () => {
      files.set(wanted.file, yamlList((await read(cluster, wanted)).map(redacted)));
    });
  }
  await attempt("pods", async () => {
    const { items } = await cluster.list<Pod>(PODS);
    for (const [file, text] of podFiles(items, systemNamespace, remarks)) files.set(file, text);
    for (const pod of items.filter(({ metadata }) => isManager(metadata, systemNamespace))) {
      const name = pod.metadata.name ?? "";
      await attempt(`log of ${name}`, async () => {
        files.set(`system/logs/${name.slice(0, 60)}.log`, await logOf(cluster, pod, systemNamespace));
      });
    }
  });
  return { files, remarks };
}

async function read(cluster: KubeApi, { type, namespace, names, ...options }: Wanted): Promise<readonly KubeObject[]> {
  const place = namespace === undefined ? {} : { namespace };
  if (!names) return (await cluster.list(type, { ...place, ...options })).items;
  const found = await Promise.all(
    names.map((name) =>
      cluster.get(type, { ...place, name }).catch((error: unknown) => {
        if (isClusterError(error, "notFound")) return undefined;
        throw error;
      }),
    ),
  );
  return found.filter((object) => object !== undefined);
}

/** One file per namespace, of the pods that carry sidecars, and of all in the system namespace. */
function podFiles(all: readonly Pod[], systemNamespace: string, remarks: string[]): ReadonlyMap<string, string> {
  const told = all.filter(
    ({ metadata }) =>
      metadata.namespace === systemNamespace || metadata.annotations?.[INJECTED_LIST_ANNOTATION] !== undefined,
  );
  const first = told.toSorted((one, other) => Number(podRecord(one).ready) - Number(podRecord(other).ready));
  if (told.length > MOST_PODS) remarks.push(`pods: ${told.length - MOST_PODS} of ${told.length} are left out`);
  const kept = first.slice(0, MOST_PODS);
  const namespaces = new Set(kept.map(({ metadata }) => metadata.namespace ?? ""));
  return new Map(
    [...namespaces].map((namespace) => {
      const pods = kept.filter(({ metadata }) => metadata.namespace === namespace);
      return [`pods/${namespace}.yaml`, yamlList(pods.map(redactedPod))];
    }),
  );
}

function isManager({ namespace, labels = {} }: KubeObject["metadata"], systemNamespace: string): boolean {
  return namespace === systemNamespace && labels["app.kubernetes.io/name"] === "sidecarset";
}

async function logOf(cluster: KubeApi, { metadata, spec }: Pod, namespace: string): Promise<string> {
  const container = (spec.containers.find(({ name }) => name === "manager") ?? spec.containers[0])?.name ?? "";
  const chunks: Buffer[] = [];
  const options = { container, tailLines: MOST_LOG_LINES };
  const never = new AbortController().signal;
  for await (const chunk of cluster.podLog({ namespace, name: metadata.name ?? "" }, options, never))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function yamlList(items: readonly JsonObject[]): string {
  return yamlText({ apiVersion: "v1", kind: "List", items });
}
