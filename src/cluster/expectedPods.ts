import type { CarriedRevision } from "../core/injection/carriedRevisions.ts";

interface Expected extends CarriedRevision {
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Pods that were decided on and have not shown up yet. Nobody knows their uids before they exist, so a pod is known by its owner and
 * what it carries: whichever comes first is taken for the one that was decided on first. Some never come (a quota, another webhook),
 * which is why each is waited for only so long.
 */
export class ExpectedPods {
  readonly #waitMs: number;
  /** In the order of the decisions, which is the order in which they expire. */
  readonly #all = new Set<Expected>();
  readonly #alike = new Map<string, Expected[]>();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  add(pod: CarriedRevision, now: number): void {
    const expected = { ...pod, until: now + this.#waitMs };
    this.#all.add(expected);
    const alike = this.#alike.get(keyOf(pod));
    if (alike) alike.push(expected);
    else this.#alike.set(keyOf(pod), [expected]);
  }

  /** Such a pod exists now. @returns whether it was expected */
  settle(pod: CarriedRevision): boolean {
    if (this.#all.size === 0) return false;
    const [oldest] = this.#alike.get(keyOf(pod)) ?? [];
    if (oldest) this.#remove(oldest);
    return oldest !== undefined;
  }

  /** Those that are waited for no longer. */
  expire(now: number): readonly CarriedRevision[] {
    const expired: CarriedRevision[] = [];
    for (const expected of this.#all) {
      if (expected.until > now) break;
      expired.push(expected);
      this.#remove(expected);
    }
    return expired;
  }

  /** The oldest of its kind. */
  #remove(expected: Expected): void {
    this.#all.delete(expected);
    const key = keyOf(expected);
    const alike = this.#alike.get(key);
    alike?.shift();
    if (alike?.length === 0) this.#alike.delete(key);
  }
}

function keyOf({ owner, sidecarSet, hash }: CarriedRevision): string {
  return `${owner}/${sidecarSet}/${hash}`;
}
