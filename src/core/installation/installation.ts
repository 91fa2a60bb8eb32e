import type { JsonObject, KubeObject } from "../kube/object.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { StopSwitches } from "../sidecarSet/stopSwitches.ts";

/** All that is judged about an installation. Undefined is what may not be read, or is not asked for. */
export interface Installation {
  readonly clientVersion: string;
  /** As the API server says it: `v1.36.3`. */
  readonly serverVersion: string;
  readonly systemNamespace: Found<KubeObject> | undefined;
  readonly definition: Found<Definition> | undefined;
  readonly rights: readonly Right[];
  /** OpenKruise's Deployment, wherever it is. */
  readonly openKruise: { readonly namespace: string; readonly replicas: number; readonly version: string } | undefined;
  readonly switches: StopSwitches | undefined;
  readonly mutating: Found<WebhookObject> | undefined;
  readonly validating: Found<WebhookObject> | undefined;
  /** When the authorities end that the API server trusts for the webhook; milliseconds since the epoch. */
  readonly authorities: readonly number[];
  readonly answer: WebhookAnswer | undefined;
  readonly lease: Found<LeaseHolder> | undefined;
  readonly managers: readonly ManagerPod[] | undefined;
  readonly sidecarSets: readonly SidecarSet[] | undefined;
  /** Name → why it cannot be read. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Null: there is none. */
type Found<T> = T | null;

export interface Definition extends KubeObject {
  readonly spec?: {
    readonly versions?: readonly {
      readonly name: string;
      readonly served?: boolean;
      readonly storage?: boolean;
      readonly schema?: { readonly openAPIV3Schema?: { readonly properties?: JsonObject } };
    }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface WebhookObject extends KubeObject {
  readonly webhooks?: readonly JsonObject[];
}

/** Something that the caller may do, or may not. */
export interface Right {
  /** `patch sidecarsets.apps.kruise.io` */
  readonly what: string;
  /** Which verbs need it. */
  readonly neededFor: string;
  readonly allowed: boolean;
}

/** What became of a pod that nobody runs, which the webhook marks. */
export type WebhookAnswer =
  | { readonly kind: "reached"; readonly milliseconds: number }
  | { readonly kind: "missed"; readonly error: string }
  /** The API server refused the pod for reasons of its own. */
  | { readonly kind: "untested"; readonly error: string };

export interface LeaseHolder {
  /** Empty: it was given back. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** Milliseconds since the epoch, by the holder's clock. */
  readonly renewedAt: number;
}

export interface ManagerPod {
  readonly name: string;
  readonly ready: boolean;
  /** Tag of its image; empty: none. */
  readonly version: string;
}
