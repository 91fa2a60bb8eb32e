import type { KubeObject } from "../core/kube/object.ts";
import type { ObjectName } from "./cluster.ts";

/** A local copy of one kind, kept up to date by a watch. Decisions read from these and never wait for the network. */
export interface LocalCopy<T> {
  hasSynced(): boolean;
  /** Settles when the first complete state is here; rejects when the informer was stopped before that. */
  readonly synced: Promise<void>;
  get(name: ObjectName): T | undefined;
  values(): Iterable<T>;
  /** Called for every change in order, after the copy shows it; the returned function unsubscribes. */
  subscribe(listener: (change: Change<T>) => void): () => void;
}

export type Change<T> =
  | { readonly type: "added"; readonly object: T }
  | { readonly type: "updated"; readonly old: T; readonly object: T }
  | { readonly type: "deleted"; readonly old: T };

/** Turns what the API sends into what is kept: a flat record instead of a whole pod. */
export type Transform<W extends KubeObject, T> = (object: W) => T;
