import { intersection, isAnything, isEmpty, type LabelRange, rangeOf, rangeText } from "../../kube/labelRange.ts";
import {
  compileSelectorOnce,
  isEmptySelector,
  type LabelSelector,
  type Requirement,
} from "../../kube/labelSelector.ts";
import { oncePer } from "../../oncePer.ts";
import { INJECT_MARK, NAMESPACE_NAME_LABEL } from "../../sidecarSet/annotations.ts";
import type { SidecarSet } from "../../sidecarSet/sidecarSet.ts";

/** What a scope asks of one label, of the pod or of its namespace. */
export interface Condition {
  readonly of: "pod" | "namespace";
  readonly key: string;
  readonly range: LabelRange;
}

/** Pods that meet every condition; there is one for each label, sorted, and none that is always met. */
export interface PodScope {
  readonly conditions: readonly Condition[];
  /** Names of the SidecarSets that it stands for. */
  readonly sidecarSets: readonly string[];
}

/** Why no pod has to come to us because of a SidecarSet. */
export interface NoScope {
  readonly reason: "InjectionPaused" | "SelectsNothing" | "Excluded";
  readonly message: string;
}

/**
 * The pods that a SidecarSet injects, exactly as the matcher has it, but for marks in annotations. Pods of excluded namespaces are not
 * among them, nor those that opt out by label where the set lets them.
 */
export function podScope(set: SidecarSet, excludedNamespaces: readonly string[]): PodScope | NoScope {
  const { selector, namespaceSelector, injectionStrategy } = set.spec;
  if (injectionStrategy.paused) {
    return { reason: "InjectionPaused", message: "injection is paused by spec.injectionStrategy.paused" };
  }
  const bounded = namespaceSelector !== undefined && !isEmptySelector(namespaceSelector);
  if (selector === undefined || (isEmptySelector(selector) && !bounded)) {
    return { reason: "SelectsNothing", message: "spec.selector is empty and selects no pod" };
  }
  const ofPod = conditionsOf("pod", selector, injectionStrategy.optOut === "Deny" ? [] : [NOT_OPTED_OUT]);
  const ofNamespace = conditionsOf("namespace", namespaceSelector ?? {});
  if (!isMeetable(ofPod) || !isMeetable(ofNamespace)) {
    return { reason: "SelectsNothing", message: "the conditions of its selectors contradict each other" };
  }
  const elsewhere = conditionsOf("namespace", namespaceSelector ?? {}, outside(excludedNamespaces));
  if (!isMeetable(elsewhere)) {
    return { reason: "Excluded", message: "the namespaces that it selects are never injected by this installation" };
  }
  return { conditions: [...(elsewhere ?? []), ...(ofPod ?? [])], sidecarSets: [set.name] };
}

/** Scopes of equal texts are the same. */
export const conditionsText = oncePer((conditions: readonly Condition[]): string =>
  conditions.map((condition) => `${labelText(condition)}=${rangeText(condition.range)}`).join(),
);

/** Which label it is about. */
export function labelText({ of, key }: Condition): string {
  return `${of}/${key}`;
}

const NOT_OPTED_OUT: Requirement = { key: INJECT_MARK, operator: "NotIn", values: ["false"] };

function outside(namespaces: readonly string[]): readonly Requirement[] {
  return namespaces.length === 0 ? [] : [{ key: NAMESPACE_NAME_LABEL, operator: "NotIn", values: namespaces }];
}

/** @returns undefined for a selector that is invalid: it matches nothing */
function conditionsOf(
  of: Condition["of"],
  selector: LabelSelector,
  more: readonly Requirement[] = [],
): readonly Condition[] | undefined {
  const compiled = compileSelectorOnce(selector);
  if (!compiled.ok) return undefined;
  const ranges = new Map<string, LabelRange>();
  for (const requirement of [...compiled.value.requirements, ...more]) {
    const known = ranges.get(requirement.key);
    const range = rangeOf(requirement);
    ranges.set(requirement.key, known ? intersection(known, range) : range);
  }
  return [...ranges]
    .map(([key, range]) => ({
      of,
      key,
      range: of === "namespace" && key === NAMESPACE_NAME_LABEL ? named(range) : range,
    }))
    .filter(({ range }) => !isAnything(range))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** Every namespace carries its name, so that an absent label need not be spoken of. */
function named(range: LabelRange): LabelRange {
  return { ...range, absent: range.listed === "allBut" };
}

function isMeetable(conditions: readonly Condition[] | undefined): boolean {
  return conditions !== undefined && !conditions.some(({ range }) => isEmpty(range));
}
