import { parsePercent } from "../kube/intOrPercent.ts";
import { compileSelectorOnce, type Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { findPinnedRevision } from "./findPinnedRevision.ts";
import { type InjectionError, type InjectionReason, injectionReason, rejection } from "./injectionReason.ts";
import { splitFraction } from "./splitFraction.ts";

/** One revision of a SidecarSet: what is injected, and what the pod will say about it. */
export interface ChosenRevision {
  /** The live object, or a copy with an older template. */
  readonly set: SidecarSet;
  readonly hash: string;
  readonly hashWithoutImage: string;
  /** Name of the ControllerRevision, empty when the controller has not made one yet. */
  readonly controllerRevision: string;
  readonly otherRevision?: InjectionReason;
}

interface PodOfSplit {
  readonly labels: Labels;
  /** Stable text that tells the pod from others. */
  readonly identity: string;
}

/** The live template, or the pinned one where the injection strategy says so for this pod. */
export function chooseRevision(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
  pod: PodOfSplit,
): Result<ChosenRevision, InjectionError> {
  const pin = set.spec.injectionStrategy.revision;
  if (pin === undefined || (pin.revisionName === undefined && pin.customVersion === undefined)) return ok(live(set));
  const pinned = findPinnedRevision(set, revisions);
  if (!pinned.ok) return pinned;
  const why = pin.policy === "Partial" ? whyPinned(set, pod) : ok("the injection strategy pins it for all pods");
  if (!why.ok) return why;
  return ok(why.value === undefined ? live(set) : older(pinned.value, why.value));
}

const UPDATE_SELECTOR = "spec.updateStrategy.selector";

/** Policy Partial: the pinned revision is for pods outside the update selector and for the share that a percentage keeps back. */
function whyPinned({ name, spec }: SidecarSet, pod: PodOfSplit): Result<string | undefined, InjectionError> {
  const { paused, selector, partition } = spec.updateStrategy;
  if (paused) return ok("the update is paused");
  if (selector !== undefined) {
    const compiled = compileSelectorOnce(selector);
    if (!compiled.ok) return err(rejection(name, UPDATE_SELECTOR, `it is invalid: ${compiled.error[0]?.detail}`));
    if (!compiled.value.matches(pod.labels)) return ok("the pod is outside the update selector");
  }
  if (typeof partition === "number") return ok(undefined);
  const percent = parsePercent(partition);
  if (percent === undefined) {
    const message = `"${partition}" is no percentage, so pods cannot be split between two revisions`;
    return err(rejection(name, "spec.updateStrategy.partition", message));
  }
  const kept = splitFraction(name, pod.identity) < percent / 100;
  return ok(kept ? `the partition keeps ${partition} of the pods on it, this one among them` : undefined);
}

function live(set: SidecarSet): ChosenRevision {
  return {
    set,
    hash: set.annotations[HASH_ANNOTATION] ?? "",
    hashWithoutImage: set.annotations[HASH_WITHOUT_IMAGE_ANNOTATION] ?? "",
    controllerRevision: set.status.latestRevision ?? "",
  };
}

function older(set: SidecarSet, why: string): ChosenRevision {
  const chosen = live(set);
  return {
    ...chosen,
    otherRevision: injectionReason("otherRevision", `revision ${chosen.controllerRevision}: ${why}`),
  };
}
