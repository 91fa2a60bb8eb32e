interface Refusal {
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly message: string;
}

/**
 * The pods that the API server refuses to have written, by key: each waits for its time and is then tried again, while the others have
 * their turn. Mutated in place, as a part of the book.
 */
export class RefusedWrites {
  readonly #upgrades = new Map<string, Refusal>();
  readonly #flips = new Map<string, number>();
  /** Upgrades that are being tried again. */
  readonly #retried = new Set<string>();

  /** How many upgrades wait. */
  get size(): number {
    return this.#upgrades.size;
  }

  /** The upgrades that wait. */
  get upgrades(): Iterable<[key: string, refusal: Refusal]> {
    return this.#upgrades;
  }

  isUpgradeRefused(key: string): boolean {
    return this.#upgrades.has(key);
  }

  isFlipRefused(key: string): boolean {
    return this.#flips.has(key);
  }

  isRetried(key: string): boolean {
    return this.#retried.has(key);
  }

  refuseUpgrade(key: string, refusal: Refusal): void {
    this.#retried.delete(key);
    this.#upgrades.set(key, refusal);
  }

  refuseFlip(key: string, until: number): void {
    this.#flips.set(key, until);
  }

  /** Somebody else brought the pod up to date, or it has ended: its upgrade waits no longer. A flip of it may. */
  forgetUpgrade(key: string): void {
    this.#upgrades.delete(key);
    this.#retried.delete(key);
  }

  forget(key: string): void {
    this.forgetUpgrade(key);
    this.#flips.delete(key);
  }

  /** Ends the wait of those whose time has come. */
  settle(now: number, again: { readonly upgrade: (key: string) => void; readonly flip: (key: string) => void }): void {
    for (const [key, { until }] of this.#upgrades) {
      if (until > now) continue;
      this.#upgrades.delete(key);
      this.#retried.add(key);
      again.upgrade(key);
    }
    for (const [key, until] of this.#flips) {
      if (until > now) continue;
      this.#flips.delete(key);
      again.flip(key);
    }
  }

  /** When the first of them may be tried again; undefined: none waits. */
  get nextAt(): number | undefined {
    // One by one: a whole fleet may be refused, and a call takes only so many arguments.
    let next = Number.POSITIVE_INFINITY;
    for (const { until } of this.#upgrades.values()) next = Math.min(next, until);
    for (const until of this.#flips.values()) next = Math.min(next, until);
    return Number.isFinite(next) ? next : undefined;
  }
}
