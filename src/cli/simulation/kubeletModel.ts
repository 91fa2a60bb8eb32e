import { podKey } from "../../core/pod/podRecord.ts";
import type { Restart } from "../../core/rollout/playForward.ts";

/** How the nodes of a simulation behave. */
export interface KubeletModel {
  /** Shortest and longest time from the changed image to the pod as it will be. */
  readonly restartSeconds: readonly [number, number];
  /** Share of the pods whose new image never comes up, 0 … 1. */
  readonly failing: number;
  readonly seed: number;
  /** In how many pods. */
  readonly pods: number;
}

/** Every pod has its own luck: it is slow or fails whatever the strategy, and in whichever order its turn comes. */
export function modelledRestart({ restartSeconds, failing, seed, pods }: KubeletModel): Restart {
  const [shortest, longest] = restartSeconds;
  const step = pods > MANY && longest > shortest ? COARSE_STEP_MS : STEP_MS;
  return (pod) => {
    const key = podKey(pod);
    const seconds = shortest + chance(seed, `restart ${key}`) * (longest - shortest);
    return {
      afterMs: Math.max(STEP_MS, Math.round((seconds * 1000) / step) * step),
      comesUp: failing === 0 || chance(seed, `failing ${key}`) >= failing,
    };
  };
}

const STEP_MS = 100;
/** In large fleets many pods become ready in every second: they are planned for together. */
const MANY = 10_000;
const COARSE_STEP_MS = 1000;

/** A number in [0, 1) that the seed and the text decide: FNV-1a, with its bits mixed until neighbours have nothing in common. */
export function chance(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
