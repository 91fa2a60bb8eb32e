import type { Clock } from "../cluster/environment.ts";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number;
  /** Works on a key and says when to do so again, in milliseconds; undefined: when it is added again. Throwing means back-off. */
  readonly work: (key: string) => Promise<number | undefined>;
  readonly onFailure: (key: string, error: unknown, retryInMs: number) => void;
  /** Absent: nobody counts. */
  readonly observer?: QueueObserver | undefined;
}

/** Who is told what becomes of keys, for metrics. */
export interface QueueObserver {
  added(): void;
  /** @param waitedMs since it was due */
  started(waitedMs: number): void;
  ended(outcome: WorkOutcome, tookMs: number): void;
}

/** `requeued`: it has said when it is to be worked on again. */
export type WorkOutcome = "done" | "requeued" | "failed";

/** How much there is to do at the moment. */
export interface QueueLoad {
  /** Keys that are due and wait. */
  readonly depth: number;
  /** For how long each key under way has been worked on, in milliseconds. */
  readonly runningMs: readonly number[];
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
  /** Keys that are worked on, with the time since when. */
  readonly #running = new Map<string, number>();
  /** Keys that were added while they ran, with the time they are due. */
  readonly #again = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string, delayMs = MERGE_MS): void {
    if (this.#stopped) return;
    if (!this.#scheduled.has(key) && !this.#again.has(key)) this.#options.observer?.added();
    this.#schedule(key, delayMs);
  }

  #schedule(key: string, delayMs: number): void {
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

  get load(): QueueLoad {
    const now = this.#options.clock.now();
    const due = [...[...this.#scheduled.values()].map(({ at }) => at), ...this.#again.values()].filter(
      (at) => at <= now,
    );
    return { depth: due.length, runningMs: [...this.#running.values()].map((since) => now - since) };
  }

  stop(): void {
    this.#stopped = true;
    for (const { cancel } of this.#scheduled.values()) cancel();
    this.#scheduled.clear();
  }

  async #run(key: string): Promise<void> {
    const { clock, observer } = this.#options;
    const startedAt = clock.now();
    observer?.started(startedAt - (this.#scheduled.get(key)?.at ?? startedAt));
    this.#scheduled.delete(key);
    this.#running.set(key, startedAt);
    const next = await this.#attempt(key, startedAt);
    this.#running.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined) this.#schedule(key, Math.max(0, again - this.#options.clock.now()));
    if (next !== undefined) this.add(key, next);
  }

  async #attempt(key: string, startedAt: number): Promise<number | undefined> {
    const ended = (outcome: WorkOutcome): void =>
      this.#options.observer?.ended(outcome, this.#options.clock.now() - startedAt);
    try {
      const next = await this.#options.work(key);
      this.#failures.delete(key);
      ended(next === undefined ? "done" : "requeued");
      return next;
    } catch (error) {
      ended("failed");
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
