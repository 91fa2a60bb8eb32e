const EVERY_MS = 50;

/**
 * How much time this machine has taken away: timers that should fire every 50 ms, and by how much they were late, all together. What is
 * measured on a busy machine may be longer by that.
 */
export class Lateness {
  #totalMs = 0;
  #expectedAt = performance.now() + EVERY_MS;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);

  /** Since the beginning. */
  get totalMs(): number {
    return Math.round(this.#totalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#totalMs += Math.max(0, now - this.#expectedAt);
    this.#expectedAt = now + EVERY_MS;
  }
}
