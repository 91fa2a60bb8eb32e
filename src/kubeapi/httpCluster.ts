import type {
  Cluster,
  CreateOptions,
  DeleteOptions,
  ListOptions,
  ObjectList,
  ObjectName,
  Patch,
  WatchEvent,
  WatchOptions,
  WriteLimit,
  WriteOptions,
} from "../cluster/cluster.ts";
import { patchFailure } from "../cluster/patchConflict.ts";
import { apiVersionOf, PODS, type ResourceType } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { unreachable } from "../core/result.ts";
import { readPod, readPodList } from "./protobuf/answer.ts";
import { isProtobuf, PODS_AT_ONCE, WATCH_ON_PODS } from "./protobuf/mediaType.ts";
import { resourcePath } from "./resourcePath.ts";
import type { ApiRequest, Transport } from "./transport.ts";
import { watchEvents } from "./watchStream.ts";

interface WireList<T> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

/** The port over HTTP: each method is one request. */
export function httpCluster(transport: Transport): Cluster {
  return {
    get<T extends KubeObject>(type: ResourceType, name: ObjectName, options?: { readonly subresource?: string }) {
      return transport.json<T>({ method: "GET", path: resourcePath(type, { ...name, ...options }) });
    },

    async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<ObjectList<T>> {
      const { namespace, sparse, ...query } = options;
      const path = resourcePath(type, { namespace }, query);
      const accept = sparse && type === PODS ? { accept: PODS_AT_ONCE } : {};
      const answer = await transport.answer({ method: "GET", path, ...accept });
      if (isProtobuf(answer.contentType)) return readPodList(answer.body) as unknown as ObjectList<T>;
      const { metadata, items } = await transport.parsed<WireList<T>>(answer);
      return {
        resourceVersion: metadata.resourceVersion ?? "",
        items: (items ?? []).map((item) => withKind(type, item)),
        ...(metadata.continue ? { continue: metadata.continue } : {}),
      };
    },

    watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
      const { namespace, sparse, signal, ...query } = options;
      const start = query.sendInitialEvents ? { resourceVersionMatch: "NotOlderThan" } : {};
      const path = resourcePath(type, { namespace }, { ...query, ...start, watch: true, allowWatchBookmarks: true });
      const accept = sparse && type === PODS ? { accept: WATCH_ON_PODS } : {};
      return watchOver<T>(transport, { path, ...accept }, signal);
    },

    create<T extends KubeObject>(type: ResourceType, object: T, options: CreateOptions = {}) {
      const namespace = options.namespace ?? object.metadata.namespace;
      const { name, subresource } = options;
      const path = resourcePath(type, { namespace, name, subresource }, writeQuery(options));
      return transport.json<T>({ method: "POST", path, body: object, signal: options.signal });
    },

    update<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}) {
      const { namespace, name } = object.metadata;
      const path = resourcePath(type, { namespace, name, subresource: options.subresource }, writeQuery(options));
      return transport.json<T>({ method: "PUT", path, body: object, signal: options.signal });
    },

    async patch<T extends KubeObject>(type: ResourceType, name: ObjectName, patch: Patch, options: WriteOptions = {}) {
      const path = resourcePath(type, { ...name, subresource: options.subresource }, writeQuery(options));
      const accept = options.sparse && type === PODS ? { accept: PODS_AT_ONCE } : {};
      try {
        const { signal } = options;
        const answer = await transport.answer({ method: "PATCH", path, ...patchBody(patch), ...accept, signal });
        if (isProtobuf(answer.contentType)) return readPod(answer.body) as unknown as T;
        return await transport.parsed<T>(answer);
      } catch (error) {
        throw patchFailure(patch, error);
      }
    },

    delete(type: ResourceType, name: ObjectName, { signal, timeoutMs, ...options }: DeleteOptions = {}): Promise<void> {
      const path = resourcePath(type, name, writeQuery({ timeoutMs }));
      const body = Object.keys(options).length > 0 ? { body: deleteBody(options) } : {};
      return transport.discard({ method: "DELETE", path, ...body, signal });
    },
  };
}

async function* watchOver<T extends KubeObject>(
  transport: Transport,
  request: Pick<ApiRequest, "path" | "accept">,
  signal: AbortSignal,
): AsyncIterable<WatchEvent<T>> {
  const answer = await transport.open(request, signal);
  if (answer) yield* watchEvents<T>(answer, signal);
}

/** Lists of built-in kinds leave out what the list itself says already. */
function withKind<T extends KubeObject>(type: ResourceType, item: T): T {
  return item.kind ? item : { ...item, apiVersion: apiVersionOf(type), kind: type.kind };
}

/** `timeout` is a duration of Go; the server counts it from the arrival of the request. */
function writeQuery({ dryRun, fieldManager, timeoutMs }: WriteOptions): Record<string, string | undefined> {
  const timeout = timeoutMs === undefined ? undefined : `${Math.floor(timeoutMs)}ms`;
  return { dryRun: dryRun ? "All" : undefined, fieldManager, timeout };
}

function patchBody(patch: Patch): { readonly body: unknown; readonly contentType: string } {
  switch (patch.type) {
    case "json":
      return { body: patch.operations, contentType: "application/json-patch+json" };
    case "merge":
      return { body: patch.patch, contentType: "application/merge-patch+json" };
    case "strategic":
      return { body: patch.patch, contentType: "application/strategic-merge-patch+json" };
    default:
      return unreachable(patch);
  }
}

function deleteBody({ dryRun, ...options }: Omit<DeleteOptions, keyof WriteLimit>): unknown {
  return { apiVersion: "v1", kind: "DeleteOptions", ...options, ...(dryRun ? { dryRun: ["All"] } : {}) };
}
