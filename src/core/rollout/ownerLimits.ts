import { err, ok, type Result } from "../result.ts";
import type { IntOrPercent } from "../sidecarSet/sidecarSet.ts";

/** What one workload may lose, and has lost. */
export interface OwnerUse {
  readonly used: number;
  readonly limit: number;
}

/**
 * How many pods of one workload may be unavailable at once. Percentages are of its matched pods and round up; it is never less
 * than one, so that nothing stalls.
 * @returns an explanation when the text is no percentage
 */
export function ownerLimitOf(perOwner: IntOrPercent, matched: number): Result<number, string> {
  if (typeof perOwner === "number") return ok(Math.max(1, Math.trunc(perOwner)));
  const percent = /^([0-9]+)%$/.exec(perOwner)?.[1];
  if (percent === undefined) {
    return err(`maxUnavailablePerOwner "${perOwner}" is neither a number nor a percentage such as "50%"`);
  }
  return ok(Math.max(1, Math.ceil((Number(percent) * matched) / 100)));
}

interface Owned {
  matched: number;
  unavailable: number;
}

/**
 * The account of every workload's pods: how many there are, and how many are updated and not available. Pods without a controller
 * belong to no workload and are not limited.
 */
export class OwnerLimits {
  readonly #perOwner: IntOrPercent;
  readonly #owners = new Map<string, Owned>();

  constructor(perOwner: IntOrPercent) {
    this.#perOwner = perOwner;
  }

  /** A matched pod comes or goes. */
  count(owner: string, by: 1 | -1): void {
    const owned = this.#owned(owner);
    owned.matched += by;
    this.#forgetEmpty(owner, owned);
  }

  /** An updated pod is not available, or is again. */
  hold(owner: string, by: 1 | -1): void {
    const owned = this.#owned(owner);
    owned.unavailable += by;
    this.#forgetEmpty(owner, owned);
  }

  /** Whether anything is known of it. */
  has(owner: string): boolean {
    return this.#owners.has(owner);
  }

  /** How many more pods of this workload may be taken; a limit that cannot be read takes none. */
  free(owner: string): number {
    if (owner === "") return Number.POSITIVE_INFINITY;
    const { used, limit } = this.use(owner);
    return limit - used;
  }

  use(owner: string): OwnerUse {
    const { matched, unavailable } = this.#owners.get(owner) ?? { matched: 0, unavailable: 0 };
    const limit = ownerLimitOf(this.#perOwner, matched);
    return { used: unavailable, limit: limit.ok ? limit.value : 0 };
  }

  #owned(owner: string): Owned {
    const known = this.#owners.get(owner);
    if (known) return known;
    const owned = { matched: 0, unavailable: 0 };
    this.#owners.set(owner, owned);
    return owned;
  }

  #forgetEmpty(owner: string, { matched, unavailable }: Owned): void {
    if (matched === 0 && unavailable === 0) this.#owners.delete(owner);
  }
}
