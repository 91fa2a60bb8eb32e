import type { JsonPatch } from "../core/kube/jsonPatch.ts";
import type { JsonObject, KubeObject } from "../core/kube/object.ts";
import type { ResourceType } from "./resource.ts";

/**
 * What we need from a cluster: the one port between our decisions and the world. The simulator implements it in memory, `kubeapi`
 * over HTTPS; one contract suite holds both to the behaviour of a real API server. Every method rejects with a ClusterError.
 * Objects handed out are shared and never to be changed.
 */
export interface Cluster {
  get<T extends KubeObject>(
    type: ResourceType,
    name: ObjectName,
    options?: { readonly subresource?: string },
  ): Promise<T>;
  list<T extends KubeObject>(type: ResourceType, options?: ListOptions): Promise<ObjectList<T>>;
  /**
   * Events after `resourceVersion`, in order. The iteration ends when the server closes the watch or `signal` aborts; an ERROR event
   * of the stream throws (kind `gone` when the version is too old: list again).
   */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(type: ResourceType, object: T, options?: CreateOptions): Promise<T>;
  /** PUT. With `metadata.resourceVersion` set it is refused as a conflict unless that is the stored one. */
  update<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  /** A JSON patch that does not apply (a failed `test`, a path that is not there) is a conflict: the object is not what it was built from. */
  patch<T extends KubeObject>(type: ResourceType, name: ObjectName, patch: Patch, options?: WriteOptions): Promise<T>;
  delete(type: ResourceType, name: ObjectName, options?: DeleteOptions): Promise<void>;
}

export interface ObjectName {
  /** Left out for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

export interface ListOptions {
  /** Left out: all namespaces. */
  readonly namespace?: string;
  /** As in a URL: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  /** See {@link Sparse}. */
  readonly sparse?: Sparse;
}

/**
 * Of pods only what `podRecord` reads is needed: the rest may be left out, which is cheaper by far where the server speaks protobuf.
 * Other kinds come whole.
 */
type Sparse = true;

export interface ObjectList<T> {
  readonly resourceVersion: string;
  readonly items: readonly T[];
  /** Token of the next page, absent on the last. */
  readonly continue?: string;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Start after this version; left out: start with an ADDED event for each existing object. */
  readonly resourceVersion?: string;
  /**
   * Start with the newest state, as ADDED events, closed by a bookmark that says `initialEventsEnd` (WatchList). Servers that do not know
   * it refuse (`badRequest`, `invalid`) or leave that bookmark out.
   */
  readonly sendInitialEvents?: true;
  /** See {@link Sparse}. */
  readonly sparse?: Sparse;
  readonly timeoutSeconds?: number;
  readonly signal: AbortSignal;
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  /** How far the watch has come. `initialEventsEnd`: the state that was asked for is complete. */
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly initialEventsEnd?: true };

/** By which annotation the bookmark is known that closes the initial state. */
export const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** How long a write may take; absent: as long as the client waits. */
export interface WriteLimit {
  /** Aborted, nobody waits any more (`unavailable`). What has arrived may still be carried out. */
  readonly signal?: AbortSignal;
  /** The server gives up a write that it has not carried out so long after its arrival. Milliseconds. */
  readonly timeoutMs?: number;
}

export interface WriteOptions extends WriteLimit {
  readonly subresource?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** What a patch answers; see {@link Sparse}. */
  readonly sparse?: Sparse;
}

export interface CreateOptions extends WriteOptions {
  /** Needed when the object itself does not say it. */
  readonly namespace?: string;
  /** Of the parent, for a subresource such as `pods/binding`. */
  readonly name?: string;
}

export interface DeleteOptions extends WriteLimit {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export type Patch =
  | { readonly type: "json"; readonly operations: JsonPatch }
  | { readonly type: "merge"; readonly patch: JsonObject }
  | { readonly type: "strategic"; readonly patch: JsonObject };
