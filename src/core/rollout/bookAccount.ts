import type { BookEntry } from "./bookEntry.ts";
import type { Judgement } from "./judgePod.ts";
import type { PodCounters } from "./rolloutSummary.ts";

/** What the pods of a book come to: a pod that comes or goes changes a few numbers. Mutated in place, for speed. */
export class BookAccount {
  readonly #counters = { matched: 0, updated: 0, ready: 0, updatedReady: 0 };
  /** How many pods name a revision. */
  readonly #revisions = new Map<string, { pods: number }>();
  /** Pods that an earlier upgrade of ours still holds down while the set asks for another one already. */
  #inFlight = 0;
  /** Matched pods that the update selector lets through. */
  #selected = 0;

  get counters(): PodCounters {
    return { ...this.#counters };
  }

  get selected(): number {
    return this.#selected;
  }

  /** Pods that hold some of the budget. */
  get used(): number {
    return this.#counters.updated - this.#counters.updatedReady + this.#inFlight;
  }

  names(revision: string): boolean {
    return this.#revisions.has(revision);
  }

  count({ judgement, available }: BookEntry, by: 1 | -1): void {
    if (judgement.counts) this.#counters.matched += by;
    if (judgement.counts && judgement.selected) this.#selected += by;
    if (judgement.updated) this.#counters.updated += by;
    if (judgement.inFlight) this.#inFlight += by;
    if (available) this.#countAvailable(judgement, by);
    if (judgement.revision !== "") this.#countRevision(judgement.revision, by);
  }

  /** The readiness of a pod that is counted has become believable. */
  believe({ judgement }: BookEntry): void {
    this.#countAvailable(judgement, 1);
  }

  #countAvailable({ updated }: Judgement, by: 1 | -1): void {
    this.#counters.ready += by;
    if (updated) this.#counters.updatedReady += by;
  }

  #countRevision(revision: string, by: 1 | -1): void {
    const uses = this.#revisions.get(revision);
    if (uses === undefined) this.#revisions.set(revision, { pods: by });
    else if (uses.pods + by === 0) this.#revisions.delete(revision);
    else uses.pods += by;
  }
}
