import type { Cluster, WatchEvent, WatchOptions } from "../../src/cluster/cluster.ts";
import type { Clock, Environment } from "../../src/cluster/environment.ts";
import type { ResourceType } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";

/**
 * Where a process ends: at its n-th call, before it is sent or when it was carried out and nobody has the answer; at the n-th event of its
 * watches, before it is told or when it was taken in; at its n-th timer, before or after what it was set for.
 */
export interface Moment {
  readonly at: "call" | "write" | "event" | "timer";
  readonly nth: number;
  readonly when: "before" | "after";
}

/**
 * The world as one process sees it, until the moment at which it is cut off without a word: no call of it gets through any more or is
 * answered, no timer fires, and what it holds in memory is lost.
 */
export class MortalProcess {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly #end: Moment | undefined;
  readonly #clock: Clock;
  readonly #death = new AbortController();
  readonly #timers = new Set<() => void>();
  #steps = 0;

  /** @param end left out: it lives for as long as it is asked for */
  constructor(cluster: Cluster, environment: Environment, end?: Moment) {
    this.#end = end;
    this.#clock = environment.clock;
    this.cluster = {
      get: (...asked) => this.#call("call", () => cluster.get(...asked)),
      list: (...asked) => this.#call("call", () => cluster.list(...asked)),
      watch: (type, options) => this.#watch(cluster, type, options),
      create: (...asked) => this.#call("write", () => cluster.create(...asked)),
      update: (...asked) => this.#call("write", () => cluster.update(...asked)),
      patch: (...asked) => this.#call("write", () => cluster.patch(...asked)),
      delete: (...asked) => this.#call("write", () => cluster.delete(...asked)),
    };
    this.environment = {
      clock: { now: () => environment.clock.now(), after: (delayMs, callback) => this.#after(delayMs, callback) },
      random: environment.random,
      log: (...line) => {
        if (!this.dead) environment.log(...line);
      },
    };
  }

  /** Aborts when it is dead. */
  get death(): AbortSignal {
    return this.#death.signal;
  }

  get dead(): boolean {
    return this.#death.signal.aborted;
  }

  kill(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#death.abort();
  }

  /** Kills it where this is the step that it must not survive, and tells on which side of it. */
  #step(...kinds: readonly Moment["at"][]): Moment["when"] | undefined {
    const end = this.#end;
    if (this.dead || !end || !kinds.includes(end.at)) return undefined;
    if (++this.#steps !== end.nth) return undefined;
    if (end.when === "before") this.kill();
    return end.when;
  }

  async #call<T>(kind: "call" | "write", send: () => Promise<T>): Promise<T> {
    const last = kind === "write" ? this.#step("call", "write") : this.#step("call");
    if (this.dead) return never();
    try {
      return await send();
    } finally {
      if (last) this.kill();
      if (this.dead) await never();
    }
  }

  async *#watch<T extends KubeObject>(
    cluster: Cluster,
    type: ResourceType,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    this.#step("call");
    if (this.dead) await never();
    const signal = AbortSignal.any([options.signal, this.#death.signal]);
    for await (const event of cluster.watch<T>(type, { ...options, signal })) {
      const last = this.#step("event");
      if (this.dead) await never();
      yield event;
      if (last) this.kill();
    }
    if (this.dead) await never();
  }

  #after(delayMs: number, callback: () => void): () => void {
    if (this.dead) return () => {};
    const forget = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      const last = this.#step("timer");
      if (this.dead) return;
      callback();
      if (last) this.kill();
    });
    const cancel = (): void => {
      forget();
      this.#timers.delete(cancel);
    };
    this.#timers.add(cancel);
    return cancel;
  }
}

/** Nobody is there any more to go on. */
function never(): Promise<never> {
  return new Promise(() => {});
}
