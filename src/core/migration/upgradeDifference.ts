import type { PodName } from "../pod/podRecord.ts";
import { REASON_CODES, type Verdict } from "../rollout/verdict.ts";
import { type ShadowDifference, shadowDifference } from "./shadowDifference.ts";

/** OpenKruise has just upgraded a pod. */
export interface ObservedUpgrade {
  readonly sidecarSet: string;
  readonly pod: PodName;
  /** Ours, the moment before; undefined: the set does not select the pod. */
  readonly verdict: Verdict | undefined;
  /** How many pods our rollout would have taken at that moment. */
  readonly due: number;
}

/** @returns undefined: we would have upgraded that pod, or another one in its place: equal pods come in an order of nobody's choosing */
export function upgradeDifference({ sidecarSet, pod, verdict, due }: ObservedUpgrade): ShadowDifference | undefined {
  if (verdict === undefined) {
    return shadowDifference("upgrade", sidecarSet, { pod, theirs: "upgraded", ours: "the pod is not selected" });
  }
  if (verdict.kind === "upgrade" || DONE.has(verdict.because)) return undefined;
  if (IN_TURN.has(verdict.because) && due > 0) return undefined;
  const code = REASON_CODES[verdict.because] ?? "";
  return shadowDifference("upgrade", sidecarSet, { pod, code, theirs: "upgraded", ours: verdict.because });
}

const DONE: ReadonlySet<string> = new Set(["upToDate", "flipPending", "imageOverridden"]);
const IN_TURN: ReadonlySet<string> = new Set(["partition", "maxUnavailable"]);
