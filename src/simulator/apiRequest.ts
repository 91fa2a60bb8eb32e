import type { Patch } from "../cluster/cluster.ts";
import type { JsonObject, Status } from "../core/kube/object.ts";
import type { ApiObject } from "./apiObject.ts";
import type { Preconditions, Verb } from "./resourceDefinition.ts";
import type { WatchStream } from "./store/watchStream.ts";

/** A request after authentication and routing: what is to be done to which resource. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly options?: RequestOptions;
  readonly body?: unknown;
  readonly patch?: Patch | ApplyPatch;
  readonly user?: UserInfo;
  /** `kubectl/v1.36.3 (…)`: its first part names the manager of the fields where the request names none. */
  readonly userAgent?: string;
  /** What of a container's log is wanted. */
  readonly log?: LogOptions;
  /** Aborts when nobody listens to the answer any more. */
  readonly signal?: AbortSignal;
}

export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly tailLines?: number;
  readonly limitBytes?: number;
}

/** Server-side apply: the configuration, whole. */
export interface ApplyPatch {
  readonly type: "apply";
  readonly configuration: JsonObject;
}

export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

export const ADMIN: UserInfo = { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };

/** The query parameters of all verbs, typed; a DELETE's body is read into the same fields. */
export interface RequestOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** An apply takes what others own. */
  readonly force?: boolean;
  readonly fieldValidation?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly preconditions?: Preconditions;
}

export type ApiResult =
  | {
      readonly type: "object";
      readonly code: number;
      readonly object: ApiObject | Status;
      readonly warnings: readonly string[];
    }
  | { readonly type: "list"; readonly list: ApiList }
  | { readonly type: "watch"; readonly stream: WatchStream }
  | { readonly type: "text"; readonly chunks: AsyncIterable<string> | undefined };

export interface ApiList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly ApiObject[];
  /** Over the wire, items of custom resources name their kind and those of built-in ones do not. */
  readonly itemsNameKind: boolean;
}
