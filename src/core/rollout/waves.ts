import type { Playback, PlayedUpgrade } from "./playForward.ts";

/** Pods that are upgraded one after the other within one budget. */
export interface Wave {
  /** From 1; 0: pods that were not ready when their turn came, which wait for nobody. */
  readonly number: number;
  readonly pods: readonly PlayedUpgrade[];
  /** Milliseconds since the epoch: the first write, and the last pod that became ready; undefined when one never did. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** Most updated pods that were not available during it. */
  readonly inFlight: number;
}

/**
 * The upgrades in waves of as many pods as may be unavailable at once. The budget slides: a pod's place is taken by the next one as
 * soon as it is ready, so that waves overlap.
 */
export function wavesOf({ upgrades, unavailable }: Pick<Playback, "upgrades" | "unavailable">): readonly Wave[] {
  const free = upgrades.filter(({ wasReady }) => !wasReady);
  const paid = free.length === 0 ? upgrades : upgrades.filter(({ wasReady }) => wasReady);
  const size = Math.max(1, unavailable.limit ?? 1);
  const waves: Wave[] = free.length > 0 ? [wave(0, free)] : [];
  for (let at = 0; at < paid.length; at += size) waves.push(wave(at / size + 1, paid.slice(at, at + size)));
  return waves;
}

function wave(number: number, pods: readonly PlayedUpgrade[]): Wave {
  const ends = pods.every(({ readyAt }) => readyAt !== undefined);
  return {
    number,
    pods,
    startedAt: pods[0]!.at,
    endedAt: ends ? pods.reduce((latest, { readyAt }) => Math.max(latest, readyAt!), 0) : undefined,
    inFlight: pods.reduce((most, { inFlight }) => Math.max(most, inFlight), 0),
  };
}
