/** A few lines at the bottom of the terminal that are drawn over again and again, at most ten times a second. */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  #lines: readonly string[] = [];
  #height = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(lines: readonly string[]): void {
    this.#lines = lines;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, 100);
  }

  /** Draws what is still waiting and leaves the block standing. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#draw();
    this.#height = 0;
    this.#lines = [];
  }

  #draw(): void {
    if (this.#lines.length === 0) return;
    const rows = (this.#stream.rows ?? 40) - 1;
    const lines = this.#lines.slice(-rows).map((line) => `${line}\x1b[K`);
    const up = this.#height > 0 ? `\x1b[${this.#height}A` : "";
    this.#stream.write(`${up}\r${lines.join("\n")}\n\x1b[J`);
    this.#height = lines.length;
  }
}
