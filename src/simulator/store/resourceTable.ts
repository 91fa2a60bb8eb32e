import type { ApiObject } from "../apiObject.ts";
import { storageKey, withMeta } from "../apiObject.ts";

/** One change of one object. A deletion carries the last state, under the version of the deletion. */
export interface StoredEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly key: string;
  readonly object: ApiObject;
  /** Absent when the object is new. */
  readonly previous: ApiObject | undefined;
}

export type StoreListener = (event: StoredEvent) => void;

/** The objects of one resource with the history of their changes, so that watches can catch up and pages stay consistent. */
export class ResourceTable {
  readonly #objects = new Map<string, ApiObject>();
  readonly #nextVersion: () => number;
  readonly #historyLimit: number;
  readonly #listeners = new Set<StoreListener>();
  #history: StoredEvent[] = [];
  #forgottenUpTo = 0;
  #sortedKeys: readonly string[] | undefined;

  constructor(nextVersion: () => number, historyLimit: number) {
    this.#nextVersion = nextVersion;
    this.#historyLimit = historyLimit;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string | undefined, name: string): ApiObject | undefined {
    return this.#objects.get(storageKey(namespace, name));
  }

  /** Stores a new state and gives it the next version. */
  put(object: ApiObject): ApiObject {
    const key = storageKey(object.metadata.namespace, object.metadata.name!);
    const previous = this.#objects.get(key);
    const version = this.#nextVersion();
    const stored = withMeta(object, { resourceVersion: String(version) });
    this.#objects.set(key, stored);
    if (!previous) this.#sortedKeys = undefined;
    this.#publish({ type: previous ? "MODIFIED" : "ADDED", version, key, object: stored, previous });
    return stored;
  }

  remove(object: ApiObject): ApiObject {
    const key = storageKey(object.metadata.namespace, object.metadata.name!);
    const previous = this.#objects.get(key);
    const version = this.#nextVersion();
    const removed = withMeta(object, { resourceVersion: String(version) });
    this.#objects.delete(key);
    this.#sortedKeys = undefined;
    this.#publish({ type: "DELETED", version, key, object: removed, previous });
    return removed;
  }

  /** All objects in key order, or those of one namespace. */
  list(namespace?: string): ApiObject[] {
    return this.#keys(namespace).map((key) => this.#objects.get(key)!);
  }

  /** The list as it was at an earlier version; undefined when the history no longer reaches back to it. */
  listAt(version: number, namespace?: string): ApiObject[] | undefined {
    if (version < this.#forgottenUpTo) return undefined;
    const objects = new Map(this.#keys(namespace).map((key) => [key, this.#objects.get(key)!]));
    const prefix = namespace === undefined ? "" : `${namespace}/`;
    for (let index = this.#history.length - 1; index >= 0; index -= 1) {
      const event = this.#history[index]!;
      if (event.version <= version) break;
      if (!event.key.startsWith(prefix)) continue;
      if (event.previous) objects.set(event.key, event.previous);
      else objects.delete(event.key);
    }
    return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Changes after a version, in order; undefined when some of them are forgotten. */
  eventsAfter(version: number): readonly StoredEvent[] | undefined {
    if (version < this.#forgottenUpTo) return undefined;
    let start = this.#history.length;
    while (start > 0 && this.#history[start - 1]!.version > version) start -= 1;
    return this.#history.slice(start);
  }

  get forgottenUpTo(): number {
    return this.#forgottenUpTo;
  }

  subscribe(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the history up to a version, as etcd's compaction does. */
  compact(version: number): void {
    this.#history = this.#history.filter((event) => event.version > version);
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, version);
  }

  #keys(namespace?: string): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()].sort();
    if (namespace === undefined) return this.#sortedKeys;
    const start = firstAtLeast(this.#sortedKeys, `${namespace}/`);
    const end = firstAtLeast(this.#sortedKeys, `${namespace}0`); // "0" follows "/"
    return this.#sortedKeys.slice(start, end);
  }

  #publish(event: StoredEvent): void {
    this.#history.push(event);
    if (this.#history.length > 2 * this.#historyLimit) {
      const kept = this.#history.slice(-this.#historyLimit);
      this.#forgottenUpTo = this.#history[this.#history.length - this.#historyLimit - 1]!.version;
      this.#history = kept;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function firstAtLeast(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
