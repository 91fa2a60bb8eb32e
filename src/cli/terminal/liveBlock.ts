import { cutTo, widthOf } from "./lineWidth.ts";

/** What the block needs of a terminal. */
export type Screen = Pick<NodeJS.WriteStream, "write" | "columns" | "rows">;

/**
 * A few lines at the bottom of the terminal that are drawn over again and again, at most ten times a second. While it lives no
 * line is longer than the terminal: a wrapped one would take two rows, and the next drawing would start too low.
 */
export class LiveBlock {
  readonly #screen: Screen;
  readonly #ellipsis: string;
  #lines: readonly string[] = [];
  /** The widths of what stands on the screen. */
  #drawn: readonly number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen, ellipsis: string) {
    this.#screen = screen;
    this.#ellipsis = ellipsis;
  }

  show(lines: readonly string[]): void {
    this.#lines = lines;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw(this.#fitting());
    }, 100);
  }

  /** Draws everything once more, in full length, and leaves it standing. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#draw(this.#lines);
    this.#drawn = [];
    this.#lines = [];
  }

  #fitting(): string[] {
    const rows = Math.max(1, (this.#screen.rows || 24) - 1);
    return this.#lines.slice(-rows).map((line) => cutTo(line, this.#columns(), this.#ellipsis));
  }

  #draw(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const up = this.#height();
    const back = up > 0 ? `\x1b[${up}A` : "";
    this.#screen.write(`${back}\r${lines.map((line) => `${line}\x1b[K`).join("\n")}\n\x1b[J`);
    this.#drawn = lines.map(widthOf);
  }

  /** Rows that the last drawing takes now: in a terminal made narrower meanwhile its lines have wrapped. */
  #height(): number {
    const columns = this.#columns();
    return this.#drawn.reduce((rows, width) => rows + Math.max(1, Math.ceil(width / columns)), 0);
  }

  #columns(): number {
    return this.#screen.columns || 80;
  }
}
