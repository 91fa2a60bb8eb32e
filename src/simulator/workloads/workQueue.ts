import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";

export interface WorkQueue {
  /** Work on the key soon. A key that is waiting already is not worked on twice. */
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
}

export interface WorkQueueOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** What is logged when work fails. */
  readonly name: string;
  /** Brings one object to where it should be, from the current state and nothing but its key. */
  readonly work: (key: string) => Promise<void>;
}

const PARALLEL = 16;
const RETRY_MS = { first: 100, longest: 30_000 };

/** Work by key: one at a time per key, bursts merge, failures are tried again, later each time. */
export function startWorkQueue(options: WorkQueueOptions): WorkQueue {
  const queue = new KeyedQueue(options);
  options.signal.addEventListener("abort", () => queue.stop(), { once: true });
  return queue;
}

class KeyedQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    // Changes that arrive together are worked on together.
    queueMicrotask(() => this.#next());
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    const { clock } = this.#options.environment;
    const at = clock.now() + delayMs;
    const known = this.#timers.get(key);
    if (known && known.at <= at) return;
    known?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= PARALLEL) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#options.work(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#retry(key, error);
    }
    this.#running.delete(key);
    if (this.#waiting.size > 0) this.#next();
  }

  #retry(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const { environment, name } = this.#options;
    const delayMs = Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.longest);
    // Somebody else was quicker: that is everyday life among controllers.
    const level = isClusterError(error, "conflict", "alreadyExists", "notFound") ? "debug" : "warn";
    environment.log(level, `${name} will try again`, { key, error: String(error), delayMs });
    this.addAfter(key, delayMs);
  }
}
