import { expect } from "vitest";
import type { Cluster, ObjectName, WatchEvent, WatchOptions } from "../../src/cluster/cluster.ts";
import { ClusterError } from "../../src/cluster/clusterError.ts";
import { PODS, type ResourceType } from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject, ObjectMeta } from "../../src/core/kube/object.ts";

export const CONFIG_MAPS: ResourceType = core("ConfigMap", "configmaps");
export const SECRETS: ResourceType = core("Secret", "secrets");

function core(kind: string, plural: string): ResourceType {
  return { group: "", version: "v1", kind, plural, namespaced: true };
}

/** An object as cases look at it: anything below the metadata. */
// biome-ignore lint/suspicious/noExplicitAny: cases look into objects of every shape, and a wrong look fails the case
export type Loose = KubeObject & { readonly spec?: any; readonly status?: any; readonly data?: any };

export function aConfigMap(name: string, data: Record<string, string> = {}, metadata: ObjectMeta = {}): Loose {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, name }, data };
}

export interface PodFields {
  readonly metadata?: ObjectMeta;
  readonly spec?: JsonObject;
}

/** The smallest pod that asks nothing of its cluster: no service account token is mounted into it. */
export function aPod(namespace: string, name: string, fields: PodFields = {}): Loose {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, ...fields.metadata },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: "app", image: "registry.local/app:1" }],
      ...fields.spec,
    },
  };
}

/** A pod that no scheduler touches, because it is on a node already. */
export function aPodOnNode(namespace: string, name: string, fields: PodFields = {}): Loose {
  return aPod(namespace, name, { ...fields, spec: { nodeName: "no-such-node", ...fields.spec } });
}

export function createConfigMap(
  cluster: Cluster,
  namespace: string,
  name: string,
  metadata?: ObjectMeta,
): Promise<Loose> {
  return cluster.create(CONFIG_MAPS, aConfigMap(name, { key: "value" }, { namespace, ...metadata }));
}

export function createPod(cluster: Cluster, pod: Loose): Promise<Loose> {
  return cluster.create(PODS, pod);
}

/** The refusal of a call that must be refused. */
export async function refusal(call: Promise<unknown>): Promise<ClusterError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in outcome) throw new Error(`was not refused but answered ${JSON.stringify(outcome.value)}`);
  expect(outcome.error).toBeInstanceOf(ClusterError);
  return outcome.error as ClusterError;
}

const PATIENCE_MS = 15_000;

/** Waits on the API, by a watch, until the object is as wanted; `undefined` stands for an object that is not there. */
export async function objectBecomes(
  cluster: Cluster,
  type: ResourceType,
  name: ObjectName,
  wanted: (object: Loose | undefined) => boolean,
): Promise<Loose | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { namespace } = name;
  let current: Loose | undefined;
  for (;;) {
    const list = await cluster.list<Loose>(type, { namespace, fieldSelector: `metadata.name=${name.name}` });
    current = list.items[0];
    if (wanted(current)) return current;
    const options = {
      namespace,
      fieldSelector: `metadata.name=${name.name}`,
      resourceVersion: list.resourceVersion,
      signal,
    };
    for await (const event of cluster.watch<Loose>(type, options)) {
      if (event.type === "BOOKMARK") continue;
      current = event.type === "DELETED" ? undefined : event.object;
      if (wanted(current)) return current;
    }
    if (signal.aborted) throw new Error(`${type.kind} ${name.name} stayed ${JSON.stringify(current)}`);
  }
}

export function objectVanishes(cluster: Cluster, type: ResourceType, name: ObjectName): Promise<unknown> {
  return objectBecomes(cluster, type, name, (object) => object === undefined);
}

/** Repeats what may need a moment to take effect, such as a new webhook configuration. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
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

/** Opens a watch, does something, and returns the first `count` events but bookmarks. */
export async function eventsOf(
  cluster: Cluster,
  type: ResourceType,
  options: Omit<WatchOptions, "signal">,
  { count, during }: { readonly count: number; readonly during?: () => Promise<unknown> },
): Promise<Exclude<WatchEvent<Loose>, { type: "BOOKMARK" }>[]> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
  const events: Exclude<WatchEvent<Loose>, { type: "BOOKMARK" }>[] = [];
  const reading = (async () => {
    for await (const event of cluster.watch<Loose>(type, { ...options, signal })) {
      if (event.type !== "BOOKMARK") events.push(event);
      if (events.length >= count) break;
    }
  })();
  try {
    await during?.();
    await reading;
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
  return events;
}

/** `ADDED a`, `DELETED b`: events in a form that reads well in an expectation. */
export function told(events: readonly WatchEvent<Loose>[]): string[] {
  return events.map((event) =>
    event.type === "BOOKMARK" ? event.type : `${event.type} ${event.object.metadata.name}`,
  );
}

export function aDeployment(
  namespace: string,
  name: string,
  { replicas, containers }: { readonly replicas: number; readonly containers?: readonly JsonObject[] },
): Loose {
  const labels = { app: name };
  const spec = { automountServiceAccountToken: false, containers: containers ?? [{ name: "app", image: "app:1" }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
