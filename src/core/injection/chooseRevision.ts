import { compileSelectorOnce } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { oncePer } from "../oncePer.ts";
import { err, ok, type Result } from "../result.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { PodsByHash } from "./carriedRevisions.ts";
import { carriesAlready } from "./earlierContainers.ts";
import { findOldRevision } from "./findOldRevision.ts";
import { findPinnedRevision } from "./findPinnedRevision.ts";
import { type InjectionError, type InjectionReason, injectionReason, rejection } from "./injectionReason.ts";
import { isKept, type PodOfSplit } from "./isKept.ts";
import { keptShare } from "./keptShare.ts";
import { controllerOf, ordinalOf } from "./podOrdinal.ts";

/** One revision of a SidecarSet: what is injected, and what the pod will say about it. */
export interface ChosenRevision {
  /** The live object, or a copy with an older template. */
  readonly set: SidecarSet;
  readonly hash: string;
  readonly hashWithoutImage: string;
  /** Name of the ControllerRevision, empty when the controller has not made one yet. */
  readonly controllerRevision: string;
  readonly otherRevision?: InjectionReason;
  /** Uid of the controller among whose pods this one counts for the decisions to come; absent: none depends on it. */
  readonly countsFor?: string;
}

/** The live template, or an older one where the injection strategy says so for this pod. */
export function chooseRevision(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
  candidate: PodOfSplit,
): Result<ChosenRevision, InjectionError> {
  const pin = set.spec.injectionStrategy.revision;
  if (pin === undefined) return ok(newest(set));
  const isPinned = pin.revisionName !== undefined || pin.customVersion !== undefined;
  const pinned = isPinned ? findPinnedRevision(set, revisions) : undefined;
  if (pin.policy === "FollowPartition") {
    const carried = candidate.carried?.ofAll(set.name) ?? NO_PODS;
    return split(set, pinned?.ok ? pinned.value : findOldRevision(set, revisions, carried), candidate);
  }
  if (!pinned?.ok) return pinned ?? ok(newest(set));
  if (pin.policy === "Partial") return split(set, pinned.value, candidate);
  return ok(older(pinned.value, "the injection strategy pins it for all pods"));
}

const NO_PODS: PodsByHash = new Map();

/**
 * One of the two revisions. A pod that carries one already (the webhook is called again, and has counted it meanwhile) keeps it.
 * @param old undefined: there is none, and the newest has to do
 */
function split(
  set: SidecarSet,
  old: SidecarSet | undefined,
  candidate: PodOfSplit,
): Result<ChosenRevision, InjectionError> {
  const latest = newest(set);
  if (carriesAlready(candidate.pod, latest)) return ok(latest);
  if (old && carriesAlready(candidate.pod, live(old))) return ok(older(old, "the pod carries it already"));
  const why = whyOld(set, old, candidate);
  if (!why.ok) return why;
  const chosen = why.value === undefined ? latest : old ? older(old, why.value) : withoutOld(latest, why.value);
  const countsFor = ordinalOf(candidate.pod) === undefined ? controllerOf(candidate.pod)?.uid : undefined;
  return ok(countsFor === undefined ? chosen : { ...chosen, countsFor });
}

const UPDATE_SELECTOR = "spec.updateStrategy.selector";

/** The old revision is for pods outside the update selector and for the share that the partition keeps back. */
function whyOld(
  set: SidecarSet,
  old: SidecarSet | undefined,
  candidate: PodOfSplit,
): Result<string | undefined, InjectionError> {
  const { paused, selector, partition } = set.spec.updateStrategy;
  if (paused) return ok("the update is paused");
  if (selector !== undefined) {
    const compiled = compileSelectorOnce(selector);
    if (!compiled.ok) return err(rejection(set.name, UPDATE_SELECTOR, `it is invalid: ${compiled.error[0]?.detail}`));
    const labels = candidate.pod.metadata.labels ?? {};
    if (!compiled.value.matches(labels)) return ok("the pod is outside the update selector");
  }
  const matchedPods = set.status.matchedPods ?? 0;
  const share = keptShare(partition, matchedPods);
  if (share === undefined) {
    const message = `"${partition}" is no percentage, so pods cannot be split between two revisions`;
    return err(rejection(set.name, "spec.updateStrategy.partition", message));
  }
  if (!isKept(share, { newest: set, old }, candidate)) return ok(undefined);
  const kept = typeof partition === "string" ? `${partition} of the` : `${partition} of ${matchedPods}`;
  return ok(`the partition keeps back ${kept} pods, this one among them`);
}

/**
 * A status is about a generation: the name of a template that is newer is worked out as the controller will do. Nearly every pod gets the
 * newest revision, so it is one object for all of them, by which more can be kept.
 */
const newest = oncePer((set: SidecarSet): ChosenRevision => {
  const { observedGeneration = set.generation } = set.status;
  if (observedGeneration >= set.generation) return live(set);
  return { ...live(set), controllerRevision: nameOfTemplate(set) };
});

function nameOfTemplate(set: SidecarSet): string {
  const collisionCount = set.status.collisionCount ?? 0;
  return revisionOf(set, { revision: 0, collisionCount }).metadata.name ?? "";
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

function withoutOld(newest: ChosenRevision, why: string): ChosenRevision {
  const message = `the newest revision, because no other one is stored: ${why}`;
  return { ...newest, otherRevision: injectionReason("otherRevision", message) };
}
