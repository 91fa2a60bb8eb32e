import type { Cluster } from "./cluster.ts";
import type { Clock } from "./environment.ts";
import { type Fence, fencedCluster } from "./fencedCluster.ts";
import type { Leading } from "./leaderPart.ts";
import type { LeaseTiming } from "./leaseTiming.ts";

export interface LeaseTermOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly timing: Pick<LeaseTiming, "durationMs" | "renewDeadlineMs">;
  /** When the renewal was sent with which it begins. */
  readonly sentMs: number;
  /** It was not renewed in time. */
  readonly onExpiry: () => void;
}

/**
 * The time in which one process leads, from the first to the last renewal and the renew deadline after it. At its end the writes under
 * way are cut; what of them has reached the API server by then is given up there before the lease has run out and another may begin.
 */
export class LeaseTerm {
  readonly leading: Leading;
  readonly #options: LeaseTermOptions;
  readonly #stop = new AbortController();
  readonly #fence: Fence;
  #endsMs = 0;
  #cancelExpiry: () => void = () => {};

  constructor(options: LeaseTermOptions) {
    const { cluster, monotonicMs, timing } = options;
    this.#options = options;
    const afterEndMs = timing.durationMs - timing.renewDeadlineMs;
    this.#fence = fencedCluster(cluster, {
      // Asked by the clock at every write: a process that was stopped for a while writes before any timer of it fires.
      mayWrite: () => !this.#stop.signal.aborted && monotonicMs() < this.#endsMs,
      timeoutMs: () => this.#endsMs - monotonicMs() + afterEndMs,
    });
    this.leading = { signal: this.#stop.signal, cluster: this.#fence.cluster };
    this.renewed(options.sentMs);
  }

  renewed(sentMs: number): void {
    if (this.#stop.signal.aborted) return;
    const { clock, timing, monotonicMs } = this.#options;
    this.#cancelExpiry();
    this.#endsMs = sentMs + timing.renewDeadlineMs;
    this.#cancelExpiry = clock.after(Math.max(0, this.#endsMs - monotonicMs()), () => this.#expire());
  }

  /** No write begins any more, and the signal aborts. Writes under way have what is left of the term. */
  end(): void {
    this.#stop.abort();
  }

  /** Ends it at once: writes under way are cut. */
  cut(): void {
    this.end();
    this.#cancelExpiry();
    this.#fence.cut();
  }

  /** Settles when no write is under way. @returns whether all of them were answered */
  async idle(): Promise<boolean> {
    const answered = await this.#fence.idle();
    if (this.#stop.signal.aborted) this.#cancelExpiry();
    return answered;
  }

  #expire(): void {
    const wasEnded = this.#stop.signal.aborted;
    this.cut();
    if (!wasEnded) this.#options.onExpiry();
  }
}
