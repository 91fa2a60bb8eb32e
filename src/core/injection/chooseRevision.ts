import { parsePercent } from "../kube/intOrPercent.ts";
import { compileSelector, type Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { findPinnedRevision } from "./findPinnedRevision.ts";
import { type InjectionError, type InjectionReason, rejection } from "./injectionReason.ts";
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
  if (pin === undefined || (pin.revisionName === undefined && pin.customVersion === undefined)) return ok(latest(set));
  const pinned = findPinnedRevision(set, revisions);
  if (!pinned.ok || set.spec.updateStrategy.paused || pin.policy !== "Partial") return pinned;
  return chooseSide(set, pinned.value, pod);
}

/** Policy Partial: pods outside the update selector, and the share that a percentage keeps back, get the pinned revision. */
function chooseSide(set: SidecarSet, pinned: ChosenRevision, pod: PodOfSplit): Result<ChosenRevision, InjectionError> {
  const { selector, partition } = set.spec.updateStrategy;
  if (selector !== undefined && !selects(selector, pod.labels)) return ok(pinned);
  if (typeof partition === "number") return ok(latest(set));
  const percent = parsePercent(partition);
  if (percent === undefined) {
    const message = `"${partition}" is no percentage, so pods cannot be split between two revisions`;
    return err(rejection(set.name, "spec.updateStrategy.partition", message));
  }
  return ok(splitFraction(set.name, pod.identity) < percent / 100 ? pinned : latest(set));
}

function latest(set: SidecarSet): ChosenRevision {
  return {
    set,
    hash: set.annotations[HASH_ANNOTATION] ?? "",
    hashWithoutImage: set.annotations[HASH_WITHOUT_IMAGE_ANNOTATION] ?? "",
    controllerRevision: set.status.latestRevision ?? "",
  };
}

function selects(selector: Parameters<typeof compileSelector>[0], labels: Labels): boolean {
  const compiled = compileSelector(selector);
  return compiled.ok && compiled.value.matches(labels);
}
