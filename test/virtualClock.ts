import type { Clock } from "../src/cluster/environment.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until told. `advance` fires timers in order and lets all work between two of them finish. */
export class VirtualClock implements Clock {
  #now: number;
  #nextId = 0;
  readonly #timers = new Map<number, Timer>();

  constructor(startMs = Date.parse("2026-07-01T00:00:00Z")) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + Math.max(0, delayMs), callback });
    return () => {
      this.#timers.delete(id);
    };
  }

  /** Moves time forward by `ms`, firing what falls due. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#next();
      if (!due || due[1].at > end) break;
      const [id, timer] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** The timer that fires first; of those at one moment, the one that was set first. */
  #next(): readonly [number, Timer] | undefined {
    let first: readonly [number, Timer] | undefined;
    for (const entry of this.#timers) if (!first || entry[1].at < first[1].at) first = entry;
    return first;
  }

  /** Advances in small steps until the condition holds; throws after `limitMs` of virtual time. */
  async advanceUntil(condition: () => boolean | Promise<boolean>, limitMs = 600_000, stepMs = 100): Promise<void> {
    const end = this.#now + limitMs;
    while (!(await condition())) {
      if (this.#now >= end) throw new Error(`condition not met after ${limitMs} ms of virtual time`);
      await this.advance(stepMs);
    }
  }
}

/** Lets every promise that can go on without time go on. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 12; round++) await new Promise((resolve) => setImmediate(resolve));
}
