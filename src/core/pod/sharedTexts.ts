/**
 * One string for equal ones: decoded texts are all different in memory, though pods have images, owners and labels in common. Forgets
 * what has not been asked for in a while, so that it never holds more than twice as many as it may.
 */
export class SharedTexts {
  readonly #most: number;
  #recent = new Map<string, string>();
  #older = new Map<string, string>();

  constructor(most: number) {
    this.#most = most;
  }

  of(text: string): string {
    const known = this.#recent.get(text);
    if (known !== undefined) return known;
    const shared = this.#older.get(text) ?? text;
    if (this.#recent.size >= this.#most) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(shared, shared);
    return shared;
  }
}
