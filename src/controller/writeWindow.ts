import { isClusterError } from "../cluster/clusterError.ts";
import type { Clock } from "../cluster/environment.ts";
import { WritePace } from "./writePace.ts";

/** Leave to send one write, to be given back when it has ended. */
export interface Place {
  /** Nothing was sent after all. */
  giveBack(): void;
  /** @param error what the write ended with; undefined: it was carried out */
  leave(error?: unknown): void;
}

/** How long nothing is sent when the server has too much to do and does not say for how long. */
const PAUSE_MS = 1000;

/**
 * The writes to pods that this process has under way, of all SidecarSets together. There is no rate: {@link WritePace} says how many
 * go side by side. Sets take turns, so that one with a few pods does not wait for one with thousands. Where the server asks for a
 * pause (429) nobody sends until it is over. Revisions, status and Events are few, and do not come by here.
 */
export class WriteWindow {
  readonly #clock: Clock;
  readonly #pace = new WritePace();
  /** Those who wait by their SidecarSet; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #underWay = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #endPause: () => void = () => {};
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Writes that may be under way now. */
  get width(): number {
    return this.#pace.width;
  }

  /** Waits for its turn. */
  async enter(sidecarSet: string): Promise<Place> {
    await new Promise<void>((go) => {
      const before = this.#waiting.get(sidecarSet);
      if (before) before.push(go);
      else this.#waiting.set(sidecarSet, [go]);
      this.#admit();
    });
    return this.#place();
  }

  /** Nobody waits any more; whether to send is up to them. */
  stop(): void {
    this.#stopped = true;
    this.#endPause();
    this.#admit();
  }

  #place(): Place {
    const sentAt = this.#clock.now();
    const giveBack = (): void => {
      this.#underWay--;
      this.#admit();
    };
    return {
      giveBack,
      leave: (error) => {
        this.#learn(sentAt, error);
        giveBack();
      },
    };
  }

  #learn(sentAt: number, error: unknown): void {
    const at = this.#clock.now();
    if (isClusterError(error, "tooManyRequests")) {
      const { retryAfterSeconds } = error;
      this.#pace.overloaded({ sentAt, at });
      this.#pause(retryAfterSeconds === undefined ? PAUSE_MS : retryAfterSeconds * 1000);
    } else if (isClusterError(error, "unavailable")) this.#pace.overloaded({ sentAt, at });
    else this.#pace.answered({ sentAt, at, crowded: this.#waiting.size > 0 });
  }

  #pause(ms: number): void {
    const until = this.#clock.now() + ms;
    if (this.#stopped || until <= this.#pausedUntil) return;
    this.#endPause();
    this.#pausedUntil = until;
    this.#endPause = this.#clock.after(ms, () => this.#admit());
  }

  #admit(): void {
    while (this.#stopped || (this.#underWay < this.width && this.#pausedUntil <= this.#clock.now())) {
      const go = this.#next();
      if (!go) return;
      this.#underWay++;
      go();
    }
  }

  /** The first of the set whose turn it is; its others wait until all other sets have had theirs. */
  #next(): (() => void) | undefined {
    for (const [sidecarSet, [first, ...others]] of this.#waiting) {
      this.#waiting.delete(sidecarSet);
      if (others.length > 0) this.#waiting.set(sidecarSet, others);
      return first;
    }
    return undefined;
  }
}
