/** The last few values, to be found again by anything about them. */
export class Recent<T> {
  readonly #values: T[] = [];
  #oldest = 0;

  find(isSought: (value: T) => boolean): T | undefined {
    return this.#values.find(isSought);
  }

  /** Forgets the oldest one for it. */
  add(value: T): T {
    this.#values[this.#oldest] = value;
    this.#oldest = (this.#oldest + 1) % MOST;
    return value;
  }
}

const MOST = 32;
