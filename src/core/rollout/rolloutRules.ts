import { type CompiledSelector, compileSelector, type LabelSelector, type Labels } from "../kube/labelSelector.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { type Sidecar, sidecarNames, sidecarsOf } from "../pod/sidecars.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { defaultOrder, defaultOrderKey, inOrder, type PodOrder } from "./order.ts";
import { priorityOrder } from "./priorityOrder.ts";
import { type GroupPath, scatterGroups } from "./scatter.ts";

/** What is to be known beside the set to say why a pod has no sidecars. */
export interface Surroundings {
  /** Namespaces that are never injected; default none. */
  readonly excludedNamespaces?: readonly string[];
  /** Names of the canaries that stand in for this set; default none. */
  readonly canaries?: ReadonlySet<string>;
}

/** A SidecarSet made ready to judge many pods. */
export interface RolloutRules {
  readonly set: SidecarSet;
  readonly surroundings: Surroundings;
  /** As admission wrote them on the set; empty when it did not. */
  readonly hash: string;
  readonly hashWithoutImage: string;
  readonly selector: CompiledSelector;
  /** Undefined: every namespace. */
  readonly namespaceSelector: CompiledSelector | undefined;
  /** Undefined: every pod may be upgraded. */
  readonly updateSelector: CompiledSelector | undefined;
  readonly sidecars: readonly Sidecar[];
  readonly sidecarList: readonly string[];
  /** Total: no two pods compare equal. */
  readonly order: PodOrder;
  /** Smaller for pods that come first; equal where only the order itself can tell. */
  readonly orderKey: (pod: PodRecord) => number;
  /** Undefined: the candidates are taken in that order; else the groups take turns. */
  readonly groupOf: ((pod: PodRecord) => GroupPath) | undefined;
}

export function rolloutRules(set: SidecarSet, surroundings: Surroundings = {}): RolloutRules {
  const { spec } = set;
  const { priorityStrategy } = spec.updateStrategy;
  return {
    set,
    surroundings,
    hash: set.annotations[HASH_ANNOTATION] ?? "",
    hashWithoutImage: set.annotations[HASH_WITHOUT_IMAGE_ANNOTATION] ?? "",
    selector: spec.selector ? compiled(spec.selector) : NOTHING,
    namespaceSelector: spec.namespaceSelector && compiled(spec.namespaceSelector),
    updateSelector: spec.updateStrategy.selector && compiled(spec.updateStrategy.selector),
    sidecars: sidecarsOf(spec),
    sidecarList: sidecarNames(spec),
    orderKey: priorityStrategy ? () => 0 : defaultOrderKey,
    groupOf: scatterGroups(spec.updateStrategy.scatterStrategy),
    order: inOrder(priorityStrategy ? [priorityOrder(priorityStrategy), defaultOrder] : [defaultOrder]),
  };
}

/** Whether all that judgements depend on is the same in both states of a set: a status was written, for instance. */
export function judgesAlike(one: SidecarSet, other: SidecarSet): boolean {
  return (
    one.uid === other.uid &&
    one.generation === other.generation &&
    one.annotations[HASH_ANNOTATION] === other.annotations[HASH_ANNOTATION] &&
    one.annotations[HASH_WITHOUT_IMAGE_ANNOTATION] === other.annotations[HASH_WITHOUT_IMAGE_ANNOTATION]
  );
}

/** @param namespaceLabels undefined: there is no such namespace (yet) */
export function isSelected(rules: RolloutRules, pod: PodRecord, namespaceLabels: Labels | undefined): boolean {
  return rules.selector.matches(pod.labels) && isNamespaceSelected(rules, namespaceLabels);
}

export function isNamespaceSelected({ namespaceSelector }: RolloutRules, labels: Labels | undefined): boolean {
  return !namespaceSelector || (labels !== undefined && namespaceSelector.matches(labels));
}

const NOTHING: CompiledSelector = { requirements: [], matches: () => false, firstUnmet: () => undefined };

/** A selector that got past validation unreadable selects nothing: nothing is upgraded by mistake. */
function compiled(selector: LabelSelector): CompiledSelector {
  const result = compileSelector(selector);
  return result.ok ? result.value : NOTHING;
}
