import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import type { IntOrPercent } from "../sidecarSet/sidecarSet.ts";

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
