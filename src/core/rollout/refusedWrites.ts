import type { PodName } from "../pod/podRecord.ts";
import { PodIndex } from "./podIndex.ts";

interface Refusal {
  readonly pod: PodName;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly message: string;
}

/** What becomes of pods whose time has come. */
interface Again {
  readonly upgrade: (pod: PodName) => void;
  readonly flip: (pod: PodName) => void;
}

/**
 * The pods that the API server refuses to have written: each waits for its time and is then tried again, while the others have their
 * turn. Mutated in place, as a part of the book.
 */
export class RefusedWrites {
  readonly #upgrades = new PodIndex<Refusal>();
  readonly #flips = new PodIndex<Pick<Refusal, "pod" | "until">>();
  /** Upgrades that are being tried again. */
  readonly #retried = new PodIndex<Pick<Refusal, "pod">>();

  /** How many upgrades wait. */
  get size(): number {
    return this.#upgrades.size;
  }

  /** The upgrades that wait. */
  get upgrades(): Iterable<Refusal> {
    return this.#upgrades.values();
  }

  isUpgradeRefused(pod: PodName): boolean {
    return this.#upgrades.get(pod) !== undefined;
  }

  isFlipRefused(pod: PodName): boolean {
    return this.#flips.get(pod) !== undefined;
  }

  isRetried(pod: PodName): boolean {
    return this.#retried.get(pod) !== undefined;
  }

  refuseUpgrade(refusal: Refusal): void {
    this.#retried.delete(refusal.pod);
    this.#upgrades.set(refusal);
  }

  refuseFlip(pod: PodName, until: number): void {
    this.#flips.set({ pod, until });
  }

  /** Somebody else brought the pod up to date, or it has ended: its upgrade waits no longer. A flip of it may. */
  forgetUpgrade(pod: PodName): void {
    this.#upgrades.delete(pod);
    this.#retried.delete(pod);
  }

  forget(pod: PodName): void {
    this.forgetUpgrade(pod);
    this.#flips.delete(pod);
  }

  /** Ends the wait of those whose time has come. */
  settle(now: number, again: Again): void {
    for (const { pod, until } of this.#upgrades.values()) {
      if (until > now) continue;
      this.#upgrades.delete(pod);
      this.#retried.set({ pod });
      again.upgrade(pod);
    }
    for (const { pod, until } of this.#flips.values()) {
      if (until > now) continue;
      this.#flips.delete(pod);
      again.flip(pod);
    }
  }

  /** When the first of them may be tried again; undefined: none waits. */
  get nextAt(): number | undefined {
    // One by one: a whole fleet may be refused, and a call takes only so many arguments.
    let next = Number.POSITIVE_INFINITY;
    for (const { until } of this.#upgrades.values()) next = Math.min(next, until);
    for (const { until } of this.#flips.values()) next = Math.min(next, until);
    return Number.isFinite(next) ? next : undefined;
  }
}
