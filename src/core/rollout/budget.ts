import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import type { IntOrPercent, UpdateStrategy } from "../sidecarSet/sidecarSet.ts";
import { ownerLimitOf } from "./ownerLimits.ts";

/**
 * How many pods stay on the old revision. Percentages round up, but a percentage below 100 % of more than one pod always lets one
 * pod go: "95%" of 6 keeps 5.
 * @returns pods, 0 … matched; an explanation when the text is no percentage
 */
export function partitionOf(partition: IntOrPercent, matched: number): Result<number, string> {
  if (typeof partition === "number") return ok(clamp(Math.trunc(partition), matched));
  const percent = /^\s*$/.test(partition.slice(0, -1)) ? Number.NaN : Number(partition.slice(0, -1));
  if (!partition.endsWith("%") || !Number.isFinite(percent)) return err(unreadable("partition", partition));
  const kept = Math.ceil((percent * matched) / 100);
  return ok(clamp(matched > 1 && kept === matched && partition !== "100%" ? matched - 1 : kept, matched));
}

/**
 * How many updated pods may be unavailable at once. Percentages round up; 0 stalls every pod that is ready.
 * @returns pods, not limited by `matched`; an explanation when the text is no percentage
 */
export function maxUnavailableOf(maxUnavailable: IntOrPercent, matched: number): Result<number, string> {
  if (typeof maxUnavailable === "number") return ok(Math.trunc(maxUnavailable));
  const digits = maxUnavailable.replaceAll("%", "");
  if (!/^[+-]?[0-9]+$/.test(digits)) return err(unreadable("maxUnavailable", maxUnavailable));
  return ok(Math.ceil((Number(digits) * matched) / 100));
}

/** What limits one round. */
export interface Budget {
  /** Candidates that may leave the old revision, counted from the head of the queue. */
  readonly released: number;
  /** Updated pods that are unavailable now. */
  readonly used: number;
  readonly limit: number;
}

/** The budget of a whole rollout, with the number of pods that the partition keeps. */
export interface RolloutBudget extends Budget {
  readonly kept: number;
}

/**
 * @param pods matched ones, those among them that the update selector lets through, those that wait for their upgrade, and those that
 * are updated and unavailable
 * @returns an explanation when one of the amounts cannot be read: nothing is upgraded then
 */
export function rolloutBudget(
  { partition, maxUnavailable, maxUnavailablePerOwner }: UpdateStrategy,
  pods: { readonly matched: number; readonly selected: number; readonly waiting: number; readonly used: number },
): Result<RolloutBudget, string> {
  const kept = partitionOf(partition, pods.selected);
  const limit = maxUnavailableOf(maxUnavailable, pods.matched);
  const perOwner = ownerLimitOf(maxUnavailablePerOwner ?? 1, 1);
  if (!kept.ok) return kept;
  if (!limit.ok) return limit;
  if (!perOwner.ok) return perOwner;
  const released = Math.max(0, pods.waiting - kept.value);
  return ok({ kept: kept.value, released, used: pods.used, limit: limit.value });
}

/**
 * Takes the next wave off the ordered candidates: pods that are not ready cost nothing, each ready pod takes one unit. The first
 * ready pod without budget ends the wave, so that a wave is always a prefix of the order.
 */
export function nextWave<T>(candidates: Iterable<T>, isReady: (candidate: T) => boolean, budget: Budget): T[] {
  const wave: T[] = [];
  let used = budget.used;
  for (const candidate of candidates) {
    if (wave.length >= budget.released) break;
    if (isReady(candidate)) {
      if (used >= budget.limit) break;
      used++;
    }
    wave.push(candidate);
  }
  return wave;
}

function clamp(pods: number, matched: number): number {
  return Math.min(Math.max(pods, 0), matched);
}

function unreadable(field: string, value: string): string {
  return `${field} "${value}" is neither a number nor a percentage such as "50%"`;
}
