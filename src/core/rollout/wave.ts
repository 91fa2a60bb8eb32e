import type { RolloutProgress } from "../sidecarSet/sidecarSetStatus.ts";
import type { RolloutSummary } from "./rolloutSummary.ts";

export interface Wave {
  /** How many the rollout has begun, this one included. */
  readonly wave: number;
  /** Pods that it has upgraded so far; 0: none is under way. */
  readonly started: number;
}

/**
 * A wave is as many pods as maxUnavailable lets go at once. It begins with an upgrade; the first upgrade after it has had its number
 * begins the next one, even while its last pods restart. When nothing restarts any more it is over, full or not.
 * @param upgraded pods that have been upgraded since `before`
 */
export function waveAfter(before: RolloutProgress | undefined, upgraded: number, pods: RolloutSummary): Wave {
  const { wave = 0, started = 0 } = before ?? {};
  if (upgraded > 0) {
    const next = waveOfNext({ wave, started }, pods.budget?.limit);
    return { wave: next, started: next === wave ? started + upgraded : upgraded };
  }
  const restarting = pods.counters.updated - pods.counters.updatedReady > pods.failing.count;
  return restarting || pods.next > 0 ? { wave, started } : { wave, started: 0 };
}

/** The number of the wave to which the next upgraded pod belongs. @param limit maxUnavailable in pods */
export function waveOfNext({ wave, started }: Wave, limit: number | undefined): number {
  const full = started >= Math.max(1, limit ?? 1);
  return full || started === 0 ? wave + 1 : wave;
}
