import { NODES, PODS } from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
} from "../../src/core/sidecarSet/annotations.ts";
import type { KubeApi } from "../../src/kubeapi/connect.ts";
import { wirePod } from "../wirePods.ts";
import { createNamespace } from "./controlPlane.ts";
import { type Hashes, SIDECAR } from "./sidecarSets.ts";

const NAMESPACES = 20;
const PODS_OF_A_NODE = 100;
const AT_ONCE = 16;

/** What the pods of a fleet have in common. */
export interface Fleet {
  /** The SidecarSet of a rollout selects by them. */
  readonly labels: Readonly<Record<string, string>>;
  /** The bookkeeping of an injection, or none. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** The bookkeeping of pods that this set has injected, and which are up to date. */
export function injectedBy(set: string, { hash, hashWithoutImage }: Hashes): Fleet["annotations"] {
  const record = (own: string) =>
    JSON.stringify({
      [set]: { updateTimestamp: "2026-06-10T00:00:00Z", hash: own, sidecarSetName: set, sidecarList: [SIDECAR.name] },
    });
  return {
    [HASH_ANNOTATION]: record(hash),
    [HASH_WITHOUT_IMAGE_ANNOTATION]: record(hashWithoutImage),
    [INJECTED_LIST_ANNOTATION]: set,
  };
}

/** Their namespaces, and nodes without a kubelet. */
export async function prepareFleet(api: KubeApi, pods: number): Promise<void> {
  for (let index = 0; index < NAMESPACES; index++) await createNamespace(api, `team-${index}`);
  await inParallel(Math.ceil(pods / PODS_OF_A_NODE) + 1, async (index) => {
    await api.create(NODES, { apiVersion: "v1", kind: "Node", metadata: { name: `node-${index}` } });
  });
}

/**
 * Pods of about 9 KB as a running cluster has them: bound, with the status that a kubelet writes, and with the `managedFields` that the
 * API server makes of both writes.
 */
export async function createFleet(
  api: KubeApi,
  [from, to]: readonly [number, number],
  fleet: Fleet,
): Promise<readonly PodName[]> {
  const names: PodName[] = [];
  await inParallel(to - from, async (offset) => {
    const { pod, status } = podOf(from + offset, fleet);
    const { metadata } = await api.create(PODS, pod);
    const name = { namespace: metadata.namespace!, name: metadata.name! };
    await api.patch(
      PODS,
      name,
      { type: "merge", patch: { status } },
      { subresource: "status", fieldManager: "kubelet" },
    );
    names[offset] = name;
  });
  return names;
}

function podOf(
  index: number,
  { labels, annotations }: Fleet,
): { readonly pod: KubeObject; readonly status: JsonObject } {
  const { metadata, spec, status } = wirePod(index) as unknown as KubeObject & {
    readonly spec: JsonObject;
    readonly status: JsonObject;
  };
  const { name, labels: own, annotations: noted } = metadata;
  const kept = Object.entries(noted ?? {}).filter(([key]) => !key.startsWith("kruise.io/"));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${index}`,
      namespace: `team-${index % NAMESPACES}`,
      labels: { ...own, ...labels },
      annotations: { ...Object.fromEntries(kept), ...annotations },
    },
    spec: { ...spec, nodeName: `node-${Math.floor(index / PODS_OF_A_NODE)}` },
  };
  return { pod: pod as KubeObject, status };
}

/** So many calls, some of them at the same time. */
export async function inParallel(
  count: number,
  work: (index: number) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
