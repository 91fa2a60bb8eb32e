/** What can go wrong between a client and its API server, as the proxy does it. */
export const FAULTS = [
  /** 409 to a write. */
  "conflict",
  /** 410 as the answer. */
  "gone",
  /** 429 with Retry-After. */
  "tooManyRequests",
  /** 500, 502, 503 or 504: with a Status, or with the page of some proxy. */
  "serverError",
  /** The connection is reset instead of an answer. */
  "reset",
  /** The connection stays open and says nothing more: half open. */
  "silence",
  /** The answer ends in the middle: of a line, of a frame, of its length. */
  "truncated",
  /** An event of a watch is damaged: its line ends too early, its frame is shorter or longer than it says. The watch goes on. */
  "garbled",
  /** The bytes come in small pieces, cut within lines, frames, lengths and characters. */
  "slowBytes",
  /** A watch first tells again what it told before. */
  "repeated",
  /** A watch ends as it should, but early. */
  "closed",
  /** 410 as an event of a watch. */
  "goneInStream",
  /** A watch says that the server failed. */
  "errorInStream",
] as const;

export type Fault = (typeof FAULTS)[number];

export class FaultCounts {
  readonly #counts = new Map<Fault, number>();

  add(fault: Fault): void {
    this.#counts.set(fault, this.of(fault) + 1);
  }

  of(fault: Fault): number {
    return this.#counts.get(fault) ?? 0;
  }

  addAll(others: FaultCounts): void {
    for (const fault of FAULTS) this.#counts.set(fault, this.of(fault) + others.of(fault));
  }

  get total(): number {
    return FAULTS.reduce((sum, fault) => sum + this.of(fault), 0);
  }

  toString(): string {
    return FAULTS.map((fault) => `${fault} ${this.of(fault)}`).join(", ");
  }
}
