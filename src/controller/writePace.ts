/** Writes under way at first; and how few and how many there may ever be. */
const WIDTH = { first: 16, least: 1, most: 64 };
/** So few writes waiting inside the server ask for more, so many for fewer. */
const QUEUED = { few: 6, many: 12 };
const STEP = 2;
const BACK = 0.9;
const OVERLOADED_BACK = 0.5;
/** The best latency is measured anew so often, by a round trip with a quarter of the writes. */
const PROBE_EVERY_MS = 30_000;
const PROBE = 0.25;

/** A write that was answered. Times in milliseconds. */
export interface Answered {
  readonly sentAt: number;
  readonly at: number;
  /** Other writes had to wait for a place: only then the width is what limits us, and says something about the server. */
  readonly crowded: boolean;
}

/**
 * How many writes go side by side: as many as keep the server busy, and hardly more. Nobody tells us what it can bear, so it is
 * learned from how long answers take.
 *
 * The rule, once in a round trip (as many answers as the width, of writes sent after the last decision): with the best latency ever
 * seen, `width × (1 − best / mean)` writes were waiting inside the server. Below 6 the width grows by 2, above 12 it shrinks by a
 * tenth. So a server that works on N writes at a time gets N + 6 … N + 12, enough for it never to idle while answers are on their
 * way to us. A server that says it has too much to do, or breaks down, halves it. Starts at 16; 1 … 64. The best latency ages: every
 * 30 s one round trip goes with a quarter of the width, and what is seen there is the best from then on.
 */
export class WritePace {
  #width = WIDTH.first;
  #best = Number.POSITIVE_INFINITY;
  #round = new Round(Number.NEGATIVE_INFINITY);
  #probing = false;
  #probedAt: number | undefined;

  /** Writes that may be under way now. */
  get width(): number {
    const width = this.#probing ? this.#width * PROBE : this.#width;
    return Math.max(WIDTH.least, Math.floor(width));
  }

  answered({ sentAt, at, crowded }: Answered): void {
    this.#probedAt ??= at;
    if (sentAt < this.#round.since) return;
    this.#round.add(at - sentAt, crowded);
    if (!this.#probing) this.#best = Math.min(this.#best, at - sentAt);
    if (this.#round.answers >= this.width) this.#decide(at);
  }

  /** One halving a round trip, however many writes are told the same. */
  overloaded({ sentAt, at }: Omit<Answered, "crowded">): void {
    if (sentAt < this.#round.since) return;
    this.#resize(this.#width * OVERLOADED_BACK);
    this.#probing = false;
    this.#round = new Round(at);
  }

  #decide(now: number): void {
    const { crowded, mean, least } = this.#round;
    this.#round = new Round(now);
    if (this.#probing) {
      this.#best = least;
      this.#probing = false;
      this.#probedAt = now;
      return;
    }
    if (!crowded) return;
    const queued = mean > 0 ? this.#width * (1 - this.#best / mean) : 0;
    if (queued > QUEUED.many) this.#resize(this.#width * BACK);
    else if (queued < QUEUED.few) this.#resize(this.#width + STEP);
    this.#probing = now - (this.#probedAt ?? now) >= PROBE_EVERY_MS;
  }

  #resize(width: number): void {
    this.#width = Math.min(WIDTH.most, Math.max(WIDTH.least, width));
  }
}

/** The answers of one round trip. */
class Round {
  readonly since: number;
  answers = 0;
  crowded = false;
  least = Number.POSITIVE_INFINITY;
  #total = 0;

  constructor(since: number) {
    this.since = since;
  }

  get mean(): number {
    return this.#total / this.answers;
  }

  add(latency: number, crowded: boolean): void {
    this.answers++;
    this.#total += latency;
    this.least = Math.min(this.least, latency);
    this.crowded ||= crowded;
  }
}
