import {
  type Cluster,
  type CreateOptions,
  type DeleteOptions,
  INITIAL_EVENTS_END,
  type ListOptions,
  type ObjectList,
  type ObjectName,
  type Patch,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { patchFailure } from "../cluster/patchConflict.ts";
import type { ResourceType } from "../cluster/resource.ts";
import type { KubeObject, Status } from "../core/kube/object.ts";
import type { ApiObject } from "./apiObject.ts";
import type { ApiRequest, RequestOptions } from "./apiRequest.ts";
import type { ApiServer } from "./apiServer.ts";

/** The embedded API server as a Cluster without sockets: the same verbs and refusals, nothing serialised. */
export function inMemoryCluster(server: ApiServer): Cluster {
  async function one<T>(request: ApiRequest): Promise<T> {
    const result = await server.handle(request);
    if (result.type !== "object") throw new Error(`${request.verb} answered with a ${result.type}`);
    return result.object as unknown as T;
  }

  return {
    get: (type, name, options) => one({ ...named(type, name, options?.subresource), verb: "get" }),
    list: async <T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<ObjectList<T>> => {
      const { namespace, sparse: _wholeIsNoLess, ...rest } = options;
      const result = await server.handle({ ...inNamespace(type, namespace), verb: "list", options: rest });
      if (result.type !== "list") throw new Error(`list answered with a ${result.type}`);
      const { metadata, items } = result.list;
      return {
        resourceVersion: metadata.resourceVersion,
        items: items as unknown as readonly T[],
        ...(metadata.continue === undefined ? {} : { continue: metadata.continue }),
      };
    },
    watch: (type, options) => watch(server, type, options),
    create: <T extends KubeObject>(type: ResourceType, object: T, options: CreateOptions = {}) => {
      const namespace = type.namespaced ? (options.namespace ?? object.metadata.namespace ?? "default") : undefined;
      const parent = options.name === undefined ? {} : { name: options.name };
      const place = { ...inNamespace(type, namespace), ...parent, ...subresourceOf(options) };
      return one<T>({ ...place, verb: "create", body: object, options: writeOptions(options) });
    },
    update: <T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}) => {
      const { name, namespace } = object.metadata;
      const place = named(
        type,
        { name: name!, ...(namespace === undefined ? {} : { namespace }) },
        options.subresource,
      );
      return one<T>({ ...place, verb: "update", body: object, options: writeOptions(options) });
    },
    patch: async <T extends KubeObject>(
      type: ResourceType,
      name: ObjectName,
      patch: Patch,
      options: WriteOptions = {},
    ) => {
      const place = named(type, name, options.subresource);
      try {
        return await one<T>({ ...place, verb: "patch", patch, options: writeOptions(options) });
      } catch (error) {
        throw patchFailure(patch, error);
      }
    },
    delete: async (type: ResourceType, name: ObjectName, options: DeleteOptions = {}) => {
      await one({ ...named(type, name), verb: "delete", options });
    },
  };
}

async function* watch<T extends KubeObject>(
  server: ApiServer,
  type: ResourceType,
  { namespace, signal, sparse: _wholeIsNoLess, ...options }: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  if (signal.aborted) return;
  const request: ApiRequest = {
    ...inNamespace(type, namespace),
    verb: "watch",
    options: {
      ...options,
      ...(options.sendInitialEvents ? { resourceVersionMatch: "NotOlderThan" } : {}),
      allowWatchBookmarks: true,
    },
  };
  const result = await server.handle(request);
  if (result.type !== "watch") throw new Error(`watch answered with a ${result.type}`);
  const { stream } = result;
  const abort = (): void => stream.close();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) stream.close();
  try {
    for await (const event of stream) {
      if (signal.aborted) return;
      if (event.type === "ERROR") throw ClusterError.fromStatus(event.object as Status);
      const object = event.object as ApiObject;
      yield event.type === "BOOKMARK" ? bookmark(object) : { type: event.type, object: object as unknown as T };
    }
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function bookmark({ metadata }: ApiObject): WatchEvent<never> {
  const { resourceVersion = "", annotations } = metadata;
  return {
    type: "BOOKMARK",
    resourceVersion,
    ...(annotations?.[INITIAL_EVENTS_END] ? { initialEventsEnd: true } : {}),
  };
}

function inNamespace(type: ResourceType, namespace: string | undefined): Omit<ApiRequest, "verb"> {
  const { group, version, plural } = type;
  return { group, version, plural, ...(namespace === undefined ? {} : { namespace }) };
}

function named(type: ResourceType, { namespace, name }: ObjectName, subresource?: string): Omit<ApiRequest, "verb"> {
  return {
    ...inNamespace(type, type.namespaced ? (namespace ?? "default") : undefined),
    name,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function subresourceOf({ subresource }: WriteOptions): { subresource?: string } {
  return subresource === undefined ? {} : { subresource };
}

function writeOptions({ dryRun, fieldManager }: WriteOptions): RequestOptions {
  return {
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(fieldManager === undefined ? {} : { fieldManager }),
  };
}
