import { isClusterError } from "../cluster/clusterError.ts";
import { firstStep, type RolloutAction } from "../core/rollout/rolloutPlan.ts";
import { type Applied, type Failure, isAboutPod } from "./applyPlan.ts";

/** So many pods are written by one plan at most: the next ones are planned anew, from what has become of these. */
const STEP = 256;

/** The part of a plan that is carried out before the next one is made. */
export function nextActions(planned: readonly RolloutAction[]): readonly RolloutAction[] {
  let pods = 0;
  return firstStep(planned).filter((action) => !isAboutPod(action) || ++pods <= STEP);
}

/** What keeps a set from going on; a few pods that wait by themselves do not. */
export function troubleOf({ written, failures }: Applied): unknown {
  const general = failures.find((failure) => !isRefusal(failure));
  // Where every pod is refused the fault is hardly theirs: the next ones are tried at a slowing pace.
  return general?.error ?? (written === 0 ? failures[0]?.error : undefined);
}

/** The API server, or somebody's admission webhook, refuses to change this pod; all other failures are the set's. */
export function isRefusal({ action, error }: Failure): boolean {
  const isUpgrade = action.kind === "upgradePod" || action.kind === "flipPod";
  return isUpgrade && isClusterError(error, "forbidden", "invalid", "badRequest", "unknown");
}
