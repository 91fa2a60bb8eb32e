import type { Clock } from "../cluster/environment.ts";

export interface OwnWritesOptions {
  readonly clock: Clock;
  /**
   * The copy has not shown a write for minutes: something is wrong with the watch, or the object is gone unnoticed. Ask the API server,
   * and `note` or `forget`; until then the write counts, because the copy is older than it for sure.
   */
  readonly onLost: (key: string) => void;
}

const LOST_AFTER_MS = 120_000;

/**
 * What the API server answered to our writes, until the local copy shows it: reading through this we always see our own writes, so
 * that nothing is decided from a state that we have changed already.
 */
export class OwnWrites<T extends { readonly resourceVersion: string }> {
  readonly #options: OwnWritesOptions;
  readonly #pending = new Map<string, { readonly object: T; readonly cancel: () => void }>();
  #stopped = false;

  constructor(options: OwnWritesOptions) {
    this.#options = options;
  }

  note(key: string, object: T): void {
    this.forget(key);
    if (!this.#stopped) this.#keep(key, object);
  }

  #keep(key: string, object: T): void {
    const cancel = this.#options.clock.after(LOST_AFTER_MS, () => {
      this.#keep(key, object);
      this.#options.onLost(key);
    });
    this.#pending.set(key, { object, cancel });
  }

  /** The newer one of what the copy holds and what we wrote; the write is forgotten when the copy has caught up. */
  newest(key: string, copied: T | undefined): T | undefined {
    const written = this.#pending.get(key)?.object;
    if (written === undefined || copied === undefined) return written ?? copied;
    if (isOlder(copied.resourceVersion, written.resourceVersion)) return written;
    this.forget(key);
    return copied;
  }

  /** The object is gone, or the write no longer matters. */
  forget(key: string): void {
    this.#pending.get(key)?.cancel();
    this.#pending.delete(key);
  }

  /** Writes may still be under way: their answers start no timer any more. */
  stop(): void {
    this.#stopped = true;
    for (const key of [...this.#pending.keys()]) this.forget(key);
  }
}

/** Resource versions are decimal numbers of any length, comparable within a kind. */
export function isOlder(version: string, other: string): boolean {
  return version.length === other.length ? version < other : version.length < other.length;
}
