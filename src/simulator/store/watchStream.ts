import type { Status } from "../../core/kube/object.ts";
import type { ApiObject } from "../apiObject.ts";

export type ServerEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; readonly object: ApiObject }
  | { readonly type: "ERROR"; readonly object: Status };

/** How far a reader may fall behind before its watch is cut. */
const MOST_WAITING_EVENTS = 200_000;

/** The events of one watch, from the store's side a place to push into, from the reader's an iteration that ends when either side closes. */
export class WatchStream implements AsyncIterable<ServerEvent> {
  #waiting: ServerEvent[] = [];
  #closed = false;
  #wake: (() => void) | undefined;
  readonly #onClose: (() => void)[] = [];

  push(event: ServerEvent): void {
    if (this.#closed) return;
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_WAITING_EVENTS) this.close();
    this.#wake?.();
  }

  /** What is already pushed is still read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#onClose) listener();
    this.#wake?.();
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent, void, undefined> {
    try {
      for (;;) {
        const batch = this.#waiting;
        this.#waiting = [];
        yield* batch;
        if (this.#waiting.length > 0) continue;
        if (this.#closed) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.close();
    }
  }
}
