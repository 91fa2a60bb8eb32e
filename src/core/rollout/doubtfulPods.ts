import type { BookEntry } from "./bookEntry.ts";

/** Pods whose readiness may still be that of the containers before the restart. */
export class DoubtfulPods {
  readonly #pods = new Set<BookEntry>();

  add(entry: BookEntry): void {
    this.#pods.add(entry);
  }

  delete(entry: BookEntry): void {
    this.#pods.delete(entry);
  }

  /** Takes out those that can be believed. */
  settle(now: number, believe: (entry: BookEntry) => void): void {
    for (const entry of this.#pods) {
      if (entry.judgement.credibleAt! > now) continue;
      this.#pods.delete(entry);
      believe(entry);
    }
  }

  /** When the next of them can be believed; undefined: none is in doubt. */
  get nextAt(): number | undefined {
    let next: number | undefined;
    for (const { judgement } of this.#pods) next = Math.min(next ?? Number.POSITIVE_INFINITY, judgement.credibleAt!);
    return next;
  }
}
