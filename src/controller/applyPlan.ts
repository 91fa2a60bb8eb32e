import { isClusterError } from "../cluster/clusterError.ts";
import type { PodAction, RolloutAction } from "../core/rollout/rolloutPlan.ts";
import { type ActionTarget, applyAction, type Effect } from "./applyAction.ts";

/** What became of an action that could not be carried out. */
export interface Failure {
  readonly action: RolloutAction;
  readonly error: unknown;
}

export interface Applied {
  /** Pods that were written. */
  readonly written: number;
  /** Actions that were dropped because the object changed meanwhile; its event brings us back. */
  readonly dropped: number;
  readonly failures: readonly Failure[];
}

/** So many writes to pods are under way at once. */
const WINDOW = 16;

/**
 * Carries out a plan. Revisions come first and one by one; without them nothing else happens. Then the status and the pods, side by
 * side: one pod that cannot be written does not keep the others. When the server has too much to do, the rest waits for next time.
 */
export async function applyPlan(
  actions: readonly RolloutAction[],
  target: ActionTarget,
  onEffect: (effect: Effect, action: RolloutAction) => void,
): Promise<Applied> {
  const failures: Failure[] = [];
  let written = 0;
  let dropped = 0;
  let overloaded = false;

  async function attempt(action: RolloutAction): Promise<boolean> {
    try {
      onEffect(await applyAction(action, target), action);
      if (isAboutPod(action)) written++;
      return true;
    } catch (error) {
      if (isClusterError(error, "conflict", "notFound") && isAboutPod(action)) dropped++;
      else failures.push({ action, error });
      if (isClusterError(error, "tooManyRequests")) overloaded = true;
      return false;
    }
  }

  for (const action of actions.filter(isAboutRevision)) {
    const done = await attempt(action);
    if (!done && action.kind !== "pruneRevision") return { written, dropped, failures };
  }
  const rest = actions.filter((action) => !isAboutRevision(action));
  const next = rest[Symbol.iterator]();
  const workers = Array.from({ length: Math.min(WINDOW, rest.length) }, async () => {
    for (const action of next) {
      if (overloaded) return;
      if (isAboutPod(action) && target.updatesAreStopped?.()) continue;
      await attempt(action);
    }
  });
  await Promise.all(workers);
  return { written, dropped, failures };
}

function isAboutPod(action: RolloutAction): action is PodAction {
  return action.kind === "upgradePod" || action.kind === "flipPod" || action.kind === "markUpgradable";
}

function isAboutRevision(action: RolloutAction): boolean {
  return !isAboutPod(action) && action.kind !== "writeStatus";
}
