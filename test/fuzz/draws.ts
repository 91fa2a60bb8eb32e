/** Choices that follow from one number, cheaply: a world of hundreds of pods is made of few. From 0 all are the first one. */
export class Draws {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** Some of them, in their order. */
  some<T>(choices: readonly T[]): readonly T[] {
    return choices.filter(() => this.below(2) === 1);
  }

  /** A whole number from 0. */
  below(limit: number): number {
    return this.#next() % limit;
  }

  /** Mulberry32, but that 0 stays 0. */
  #next(): number {
    if (this.#state === 0) return 0;
    this.#state = (this.#state + 0x6d2b79f5) | 0 || 1;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
