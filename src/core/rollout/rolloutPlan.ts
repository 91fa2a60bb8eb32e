import type { JsonPatch } from "../kube/jsonPatch.ts";
import type { ControllerRevision, JsonObject } from "../kube/object.ts";
import type { PodName } from "../pod/podRecord.ts";
import type { SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";
import type { Registered } from "./conditions.ts";
import type { News } from "./news.ts";
import type { RolloutStatus } from "./status.ts";
import type { ImageChange } from "./verdict.ts";

export interface PlanInput {
  /** Stored revisions of the set; others' are ignored. */
  readonly revisions: Iterable<ControllerRevision>;
  /** Name collisions met so far, the status' own count included. */
  readonly collisionCount: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The status that was planned last, where it may not have been written yet; left out: the stored one. */
  readonly before?: SidecarSetStatus | RolloutStatus | undefined;
  /** Pods upgraded since then; default 0. */
  readonly upgraded?: number;
  /** Whether the set's pods come to the webhook; undefined: it is not known. */
  readonly registered?: Registered | undefined;
}

/** What is to be done now, as data: it can be printed, tested, replayed and compared. */
export interface RolloutPlan {
  /** In the order in which they are to be carried out; writes to different pods may go side by side. */
  readonly actions: readonly RolloutAction[];
  /** Undefined as long as the revision that the status names is not recorded. */
  readonly status: RolloutStatus | undefined;
  /** How many updated pods may be unavailable, and are; undefined when the strategy cannot be read. */
  readonly budget: { readonly used: number; readonly limit: number } | undefined;
  /** Nothing may happen until then, but then it is worth to plan again. */
  readonly wakeAfterMs: number | undefined;
}

export type RolloutAction = RevisionAction | WriteStatus | PodAction;

export type RevisionAction =
  | { readonly kind: "recordRevision"; readonly revision: ControllerRevision }
  /** An earlier template is wanted again: its revision becomes the newest. */
  | { readonly kind: "reorderRevision"; readonly name: string; readonly from: number; readonly to: number }
  | { readonly kind: "labelRevision"; readonly name: string; readonly customVersion: string }
  | { readonly kind: "pruneRevision"; readonly name: string; readonly uid: string };

export interface WriteStatus {
  readonly kind: "writeStatus";
  readonly status: RolloutStatus;
  /** Somebody may wait for it; otherwise it only moves numbers. See {@link isPressing}. */
  readonly pressing: boolean;
  /** What it tells that the stored one does not. */
  readonly news: readonly News[];
}

export type PodAction = UpgradePod | FlipPod | MarkUpgradable;

interface UpgradePod {
  readonly kind: "upgradePod";
  readonly pod: PodName;
  readonly changes: readonly ImageChange[];
  readonly operations: JsonPatch;
  /** Whether it costs budget. */
  readonly wasReady: boolean;
}

interface FlipPod {
  readonly kind: "flipPod";
  readonly pod: PodName;
  readonly changes: readonly ImageChange[];
  readonly operations: JsonPatch;
}

export interface MarkUpgradable {
  readonly kind: "markUpgradable";
  readonly pod: PodName;
  readonly upgradable: boolean;
  /** The entry for `status.conditions`, and what the pod must still be for it to hold. */
  readonly condition: JsonObject;
  readonly uid: string;
  readonly resourceVersion: string;
}

/**
 * The part of a plan that can be carried out now. Pods that are not ready cost no budget, but hold some from the moment they are
 * upgraded: where a wave has such pods, the ready ones wait for the next plan, which counts them. So a release that mends a broken
 * one never makes more pods unavailable than the limit allows.
 */
export function firstStep(actions: readonly RolloutAction[]): readonly RolloutAction[] {
  const upgrades = actions.filter((action) => action.kind === "upgradePod");
  if (upgrades.every(({ wasReady }) => wasReady)) return actions;
  return actions.filter((action) => action.kind !== "upgradePod" || !action.wasReady);
}
