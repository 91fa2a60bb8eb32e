/** Draws what has changed, but not more often than people can see: many changes at once are one drawing. */
export class Redraw {
  readonly #draw: () => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;

  constructor(draw: () => void, everyMs: number) {
    this.#draw = draw;
    this.#everyMs = everyMs;
  }

  /** Something has changed. */
  soon(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#lastAt = Date.now();
        this.#draw();
      },
      Math.max(0, this.#lastAt + this.#everyMs - Date.now()),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
