import type { Clock } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import type { KubeObject } from "../../core/kube/object.ts";

const FORGET_AFTER_MS = 60_000;

/**
 * What a controller has created or deleted and its local copy does not show yet. Without it a controller that looks twice
 * would make the same pod twice.
 */
export class UnseenWrites<T extends KubeObject> {
  readonly #clock: Clock;
  readonly #created = new Map<string, { readonly object: T; readonly at: number }>();
  readonly #deleted = new Map<string, number>();

  constructor(copy: LocalCopy<T>, clock: Clock) {
    this.#clock = clock;
    copy.subscribe((change) => {
      if (change.type !== "deleted") this.#created.delete(uidOf(change.object));
      if (change.type === "deleted") this.#created.delete(uidOf(change.old));
      const gone = change.type === "deleted" || Boolean(change.object.metadata.deletionTimestamp);
      if (gone) this.#deleted.delete(uidOf(change.type === "deleted" ? change.old : change.object));
    });
  }

  created(object: T): void {
    this.#created.set(uidOf(object), { object, at: this.#clock.now() });
  }

  deleted(object: T): void {
    this.#deleted.set(uidOf(object), this.#clock.now());
  }

  /** What the copy shows, as it will show it when all our writes have come back. */
  corrected(shown: readonly T[], belongs: (object: T) => boolean): T[] {
    this.#forget();
    const seen = new Set(shown.map(uidOf));
    const unseen = [...this.#created.values()].map(({ object }) => object);
    return [...shown, ...unseen.filter((object) => belongs(object) && !seen.has(uidOf(object)))].filter(
      (object) => !this.#deleted.has(uidOf(object)),
    );
  }

  #forget(): void {
    const oldest = this.#clock.now() - FORGET_AFTER_MS;
    for (const [uid, { at }] of this.#created) if (at < oldest) this.#created.delete(uid);
    for (const [uid, at] of this.#deleted) if (at < oldest) this.#deleted.delete(uid);
  }
}

function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? "";
}
