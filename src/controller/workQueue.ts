import type { Clock } from "../cluster/environment.ts";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  /** Works on a key and says when to do so again, in milliseconds; undefined: when it is added again. Throwing means back-off. */
  readonly work: (key: string) => Promise<number | undefined>;
  readonly onFailure: (key: string, error: unknown, retryInMs: number) => void;
}

/** Additions within this time become one run. */
const MERGE_MS = 5;
const BACK_OFF_MS = { shortest: 200, longest: 60_000 };

interface Scheduled {
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * Keys to work on. A key is never worked on twice at once; what is added meanwhile leads to one more run. The earliest of several
 * additions counts. A failing key comes back later and later, until it succeeds; an addition does not wait for that.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #scheduled = new Map<string, Scheduled>();
  readonly #running = new Set<string>();
  /** Keys that were added while they ran, with the time they are due. */
  readonly #again = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string, delayMs = MERGE_MS): void {
    if (this.#stopped) return;
    const at = this.#options.clock.now() + delayMs;
    if (this.#running.has(key)) {
      this.#again.set(key, Math.min(at, this.#again.get(key) ?? at));
      return;
    }
    const scheduled = this.#scheduled.get(key);
    if (scheduled && scheduled.at <= at) return;
    scheduled?.cancel();
    const cancel = this.#options.clock.after(delayMs, () => void this.#run(key));
    this.#scheduled.set(key, { at, cancel });
  }

  /** Forgets a key: it is not worked on again unless it is added. */
  forget(key: string): void {
    this.#scheduled.get(key)?.cancel();
    for (const state of [this.#scheduled, this.#again, this.#failures]) state.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    for (const { cancel } of this.#scheduled.values()) cancel();
    this.#scheduled.clear();
  }

  async #run(key: string): Promise<void> {
    this.#scheduled.delete(key);
    this.#running.add(key);
    const next = await this.#attempt(key);
    this.#running.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined) this.add(key, Math.max(0, again - this.#options.clock.now()));
    if (next !== undefined) this.add(key, next);
  }

  async #attempt(key: string): Promise<number | undefined> {
    try {
      const next = await this.#options.work(key);
      this.#failures.delete(key);
      return next;
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const delay = this.#backOff(failures, error);
      this.#options.onFailure(key, error, delay);
      return delay;
    }
  }

  #backOff(failures: number, error: unknown): number {
    const { shortest, longest } = BACK_OFF_MS;
    const exponential = Math.min(shortest * 2 ** (failures - 1), longest);
    const spread = exponential * (0.5 + this.#options.random() / 2);
    return Math.max(spread, retryAfterMs(error));
  }
}

/** What the server asked for, when it asked for something. */
function retryAfterMs(error: unknown): number {
  const seconds = (error as { readonly retryAfterSeconds?: unknown } | null)?.retryAfterSeconds;
  return typeof seconds === "number" ? seconds * 1000 : 0;
}
