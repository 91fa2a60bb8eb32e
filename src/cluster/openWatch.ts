import type { KubeObject } from "../core/kube/object.ts";
import { between, type Span } from "./backOff.ts";
import type { Cluster, WatchEvent, WatchOptions } from "./cluster.ts";
import type { Environment } from "./environment.ts";
import type { ResourceType } from "./resource.ts";

export interface OpenWatchOptions {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  readonly environment: Environment;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly start: Omit<WatchOptions, "signal" | "timeoutSeconds">;
}

/** How long a server is asked to keep a watch open; at random, so that not all watches of a cluster come back at once. */
const WATCH_SECONDS: Span = { shortest: 300, longest: 600 };
/** How much longer than it promised a server may keep a watch open before we take the connection for dead. */
const GRACE_MS = 15_000;

/** One connection on which a server tells what changes, with the moment at which we give it up (a half-open connection never ends). */
export class OpenWatch<W extends KubeObject> {
  readonly #clock: Environment["clock"];
  readonly #startedAt: number;
  readonly #timeoutSeconds: number;
  readonly #controller = new AbortController();
  readonly #events: AsyncIterator<WatchEvent<W>>;
  readonly #release: () => void;
  #cancelDeadline: () => void = () => {};
  #overdue = false;

  constructor({ cluster, type, environment, signal, start }: OpenWatchOptions) {
    this.#clock = environment.clock;
    this.#startedAt = environment.clock.now();
    this.#timeoutSeconds = Math.round(between(WATCH_SECONDS, environment.random()));
    const abort = (): void => this.#controller.abort();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    this.#release = () => signal.removeEventListener("abort", abort);
    const options = { ...start, timeoutSeconds: this.#timeoutSeconds, signal: this.#controller.signal };
    this.#events = cluster.watch<W>(type, options)[Symbol.asyncIterator]();
    this.cutAfter(this.#timeoutSeconds * 1000 + GRACE_MS);
  }

  /** The next event, or undefined when the watch has ended. Rejects as the port's watch does. */
  async next(): Promise<WatchEvent<W> | undefined> {
    const { done, value } = await this.#events.next();
    return done ? undefined : value;
  }

  get ageMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  /** Whether it was cut because its deadline passed. */
  get overdue(): boolean {
    return this.#overdue;
  }

  /** Moves the deadline: so long after the watch was opened. */
  cutAfter(ageMs: number): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#clock.after(ageMs - this.ageMs, () => {
      this.#overdue = true;
      this.#controller.abort();
    });
  }

  /** The deadline is again the end that the server promised. */
  keepOpen(): void {
    this.cutAfter(this.#timeoutSeconds * 1000 + GRACE_MS);
  }

  close(): void {
    this.#cancelDeadline();
    this.#release();
    this.#controller.abort();
  }
}
