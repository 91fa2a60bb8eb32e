import { isClusterError } from "../cluster/clusterError.ts";
import type { PodAction, RolloutAction } from "../core/rollout/rolloutPlan.ts";
import { type ActionTarget, applyAction, type Effect } from "./applyAction.ts";
import type { WriteWindow } from "./writeWindow.ts";

/** An action that could not be carried out. */
export interface Failure {
  readonly action: RolloutAction;
  readonly error: unknown;
}

export interface Applied {
  /** Pods that were written. */
  readonly written: number;
  /** Without those whose object changed meanwhile: they are dropped, and its event brings us back. */
  readonly failures: readonly Failure[];
}

/** A plan that is being carried out. */
export interface Applying {
  /** Settles when nothing more will be sent: from then on the next plan may be made. */
  readonly sent: Promise<void>;
  /** Settles when all that was sent has been answered. */
  readonly done: Promise<Applied>;
}

/** Who decides on each write once more, and is told what becomes of it. */
export interface Applier {
  readonly window: Pick<WriteWindow, "enter">;
  /** Asked right before a write to a pod is sent, for a plan may take a while. */
  mayWrite(action: PodAction): boolean;
  sending(action: RolloutAction): void;
  carriedOut(action: RolloutAction, effect: Effect): void;
  failed(action: RolloutAction, error: unknown): void;
}

/**
 * Carries out a plan. Revisions come first and one by one; without them nothing else happens. Then the status, which waits for nobody,
 * and the pods, side by side in the window: one that cannot be written does not keep the others. When the server has too much to do,
 * the rest waits for the next plan.
 */
export function applyPlan(actions: readonly RolloutAction[], target: ActionTarget, applier: Applier): Applying {
  const failures: Failure[] = [];
  const underWay: Promise<unknown>[] = [];
  let written = 0;
  let overloaded = false;

  /** @returns what the action failed with */
  async function attempt(action: RolloutAction): Promise<unknown> {
    applier.sending(action);
    try {
      applier.carriedOut(action, await applyAction(action, target));
      if (isAboutPod(action)) written++;
      return undefined;
    } catch (error) {
      applier.failed(action, error);
      if (!isAboutPod(action) || !isClusterError(error, "conflict", "notFound")) failures.push({ action, error });
      if (isClusterError(error, "tooManyRequests")) overloaded = true;
      return error ?? "failed without an error";
    }
  }

  async function sendToPod(action: PodAction): Promise<void> {
    if (!applier.mayWrite(action)) return;
    const place = await applier.window.enter(target.sidecarSet);
    if (overloaded || !applier.mayWrite(action)) return place.giveBack();
    underWay.push(attempt(action).then((error) => place.leave(error)));
  }

  async function send(): Promise<void> {
    for (const action of actions.filter(isAboutRevision)) {
      const error = await attempt(action);
      if (error !== undefined && action.kind !== "pruneRevision") return;
    }
    for (const action of actions) if (action.kind === "writeStatus") underWay.push(attempt(action));
    for (const action of actions.filter(isAboutPod)) {
      if (overloaded) return;
      await sendToPod(action);
    }
  }

  const sent = send();
  const done = sent.then(() => Promise.all(underWay)).then(() => ({ written, failures }));
  return { sent, done };
}

export function isAboutPod(action: RolloutAction): action is PodAction {
  return action.kind === "upgradePod" || action.kind === "flipPod" || action.kind === "markUpgradable";
}

function isAboutRevision(action: RolloutAction): boolean {
  return !isAboutPod(action) && action.kind !== "writeStatus";
}
