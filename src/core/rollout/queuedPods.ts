import { type Candidate, keyOf } from "./candidate.ts";
import { MOST_EXAMPLES, type PodsByName } from "./rolloutSummary.ts";

export interface Queue {
  /** In order. */
  readonly candidates: Iterable<Candidate> & { readonly size: number };
  /** So many of them wait for their workload; they have no rank. */
  readonly passedOver: number;
  /** Those that are taken now. */
  readonly wave: readonly Candidate[];
  /** So many from the head may leave the old revision. */
  readonly released: number;
}

/** How far examples are looked for: those who come next are of interest, and a long queue is not walked through. */
const REACH = 100;

/** How many candidates wait for the budget (U06), how many are kept by the partition (U05), and who is first in line. */
export function queuedPods({ candidates, passedOver, wave, released }: Queue): ReadonlyMap<string, PodsByName> {
  const taken = new Set(wave);
  const ranked = candidates.size - passedOver;
  const inReach = Math.min(ranked, Math.max(released, 0));
  const examples: { readonly U05: string[]; readonly U06: string[] } = { U05: [], U06: [] };
  const isFull = (names: readonly string[]) => names.length >= MOST_EXAMPLES;
  const keepsInReach = ranked > inReach && inReach < wave.length + REACH;
  let rank = 0;
  for (const candidate of candidates) {
    if (rank >= wave.length + REACH || isFull(examples.U05) || (isFull(examples.U06) && !keepsInReach)) break;
    const names = rank < released ? examples.U06 : examples.U05;
    if (!taken.has(candidate) && !isFull(names)) names.push(keyOf(candidate));
    rank++;
  }
  return new Map([
    ["U05", { count: ranked - inReach, examples: examples.U05 }],
    ["U06", { count: inReach - wave.length, examples: examples.U06 }],
  ]);
}
