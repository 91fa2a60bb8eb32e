import type { Cluster } from "./cluster.ts";
import type { Clock } from "./environment.ts";
import { type Fence, fencedCluster } from "./fencedCluster.ts";
import type { Leading } from "./leaderPart.ts";

export interface LeaseTermOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  /** How long after a renewal was sent the term lasts. */
  readonly deadlineMs: number;
  readonly sentMs: number;
  readonly onExpiry: () => void;
}

/** The time in which one process leads, from the first to the last renewal and the deadline after it. */
export class LeaseTerm {
  readonly leading: Leading;
  readonly #options: LeaseTermOptions;
  readonly #stop = new AbortController();
  readonly #fence: Fence;
  #endsMs = 0;
  #cancelExpiry: () => void = () => {};

  constructor(options: LeaseTermOptions) {
    this.#options = options;
    // Asked by the clock at every write: a process that was stopped for a while writes before any timer of it fires.
    const mayWrite = (): boolean => !this.#stop.signal.aborted && options.monotonicMs() < this.#endsMs;
    this.#fence = fencedCluster(options.cluster, mayWrite);
    this.leading = { signal: this.#stop.signal, cluster: this.#fence.cluster };
    this.renewed(options.sentMs);
  }

  renewed(sentMs: number): void {
    if (this.#stop.signal.aborted) return;
    const { clock, deadlineMs, monotonicMs, onExpiry } = this.#options;
    this.#cancelExpiry();
    this.#endsMs = sentMs + deadlineMs;
    this.#cancelExpiry = clock.after(Math.max(0, this.#endsMs - monotonicMs()), onExpiry);
  }

  /** No write begins any more, and the signal aborts. */
  end(): void {
    this.#cancelExpiry();
    this.#stop.abort();
  }

  /** Settles when no write is under way. */
  idle(): Promise<void> {
    return this.#fence.idle();
  }
}
