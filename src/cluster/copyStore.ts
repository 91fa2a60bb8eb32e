import type { KubeObject } from "../core/kube/object.ts";
import type { ObjectName } from "./cluster.ts";
import type { Change, LocalCopy, Transform } from "./localCopy.ts";
import { isNewerVersion } from "./resourceVersion.ts";

/** One object as kept, with what tells whether another state of it is the same. */
interface Kept<T> {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly object: T;
}

type ObjectEvent = "ADDED" | "MODIFIED" | "DELETED";

/** A new state being collected page by page, beside the copy that is still read from. */
export type StagedCopy<T> = Map<string, Kept<T>>;

/** The copy itself: objects by `namespace/name`, and the listeners who are told each difference. */
export class CopyStore<W extends KubeObject, T> implements LocalCopy<T> {
  readonly synced: Promise<void>;
  readonly #transform: Transform<W, T>;
  readonly #report: (message: string, error: unknown) => void;
  readonly #listeners = new Set<(change: Change<T>) => void>();
  #kept: StagedCopy<T> = new Map();
  #hasSynced = false;
  readonly #resolveSynced: () => void;
  readonly #rejectSynced: (reason: Error) => void;

  constructor(transform: Transform<W, T>, report: (message: string, error: unknown) => void) {
    this.#transform = transform;
    this.#report = report;
    let resolveSynced = (): void => {};
    let rejectSynced = (_reason: Error): void => {};
    this.synced = new Promise((resolve, reject) => {
      resolveSynced = resolve;
      rejectSynced = reject;
    });
    this.#resolveSynced = resolveSynced;
    this.#rejectSynced = rejectSynced;
    // Nobody has to wait for it: a stop before the first state must not count as an unhandled rejection.
    this.synced.catch(() => {});
  }

  hasSynced(): boolean {
    return this.#hasSynced;
  }

  get(name: ObjectName): T | undefined {
    return this.#kept.get(keyOf(name))?.object;
  }

  *values(): Iterable<T> {
    for (const kept of this.#kept.values()) yield kept.object;
  }

  subscribe(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  stage(): StagedCopy<T> {
    return new Map();
  }

  /** Listed objects are `ADDED`; a stream of the state may already tell of changes to it. */
  addTo(staged: StagedCopy<T>, object: W, type: ObjectEvent = "ADDED"): void {
    const key = keyOf(object.metadata);
    if (type === "DELETED") return void staged.delete(key);
    const kept = this.#keep(object, staged.get(key) ?? this.#kept.get(key));
    if (kept) staged.set(key, kept);
  }

  /**
   * Makes the staged state the copy, then tells what differs from the one before: what is gone, then what has changed, in the order in
   * which it was written, as a watch would have told it. Whoever counts what goes on at once would see more than ever did otherwise.
   */
  replace(staged: StagedCopy<T>): void {
    const before = this.#kept;
    this.#kept = staged;
    this.#hasSynced = true;
    for (const [key, old] of before) if (!staged.has(key)) this.#tell({ type: "deleted", old: old.object });
    const news = before.size === 0 ? staged : changedInOrder(before, staged);
    for (const [key, kept] of news) this.#tellDifference(before.get(key), kept);
    this.#resolveSynced();
  }

  apply(type: ObjectEvent, object: W): void {
    const key = keyOf(object.metadata);
    const old = this.#kept.get(key);
    if (type === "DELETED") {
      this.#kept.delete(key);
      if (old) this.#tell({ type: "deleted", old: old.object });
      return;
    }
    const kept = this.#keep(object, old);
    if (!kept) return;
    this.#kept.set(key, kept);
    this.#tellDifference(old, kept);
  }

  stop(): void {
    this.#rejectSynced(new Error("stopped before the first complete state was here"));
  }

  /** The entry for an object; the one already there when it is the same state, so that listing again costs no memory. */
  #keep(object: W, known: Kept<T> | undefined): Kept<T> | undefined {
    const { uid, resourceVersion } = object.metadata;
    if (known && resourceVersion !== undefined && isSameState(known, { uid, resourceVersion })) return known;
    try {
      return { uid, resourceVersion, object: this.#transform(object) };
    } catch (error) {
      this.#report(`${keyOf(object.metadata)} could not be read and keeps its earlier state`, error);
      return known;
    }
  }

  #tellDifference(old: Kept<T> | undefined, kept: Kept<T>): void {
    if (old === kept) return;
    if (old && old.uid === kept.uid) {
      this.#tell({ type: "updated", old: old.object, object: kept.object });
      return;
    }
    if (old) this.#tell({ type: "deleted", old: old.object });
    this.#tell({ type: "added", object: kept.object });
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#report(`a listener failed on ${change.type}`, error);
      }
    }
  }
}

function changedInOrder<T>(before: StagedCopy<T>, now: StagedCopy<T>): readonly (readonly [string, Kept<T>])[] {
  const changed: (readonly [string, Kept<T>])[] = [];
  for (const [key, kept] of now) if (before.get(key) !== kept) changed.push([key, kept]);
  return changed.sort(([, one], [, other]) => byVersion(one, other));
}

function byVersion(one: Kept<unknown>, other: Kept<unknown>): number {
  if (one.resourceVersion === other.resourceVersion) return 0;
  return isNewerVersion(one.resourceVersion, other.resourceVersion ?? "") ? 1 : -1;
}

function isSameState(a: Pick<Kept<unknown>, "uid" | "resourceVersion">, b: typeof a): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

function keyOf({ namespace, name }: { readonly namespace?: string; readonly name?: string }): string {
  return `${namespace ?? ""}/${name ?? ""}`;
}
