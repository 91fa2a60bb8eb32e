import { compareUtf8 } from "../kube/goJson.ts";
import { compileSelectorOnce, formatRequirement, isEmptySelector, type Labels } from "../kube/labelSelector.ts";
import { optOutMark, unclearMarks } from "../pod/optOut.ts";
import { NAMESPACE_NAME_LABEL } from "../sidecarSet/annotations.ts";
import { canaryBaseOf } from "../sidecarSet/canary.ts";
import type { LabelSelector, SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { InjectionOutcome } from "./injection.ts";
import { type InjectionReason, injectionReason } from "./injectionReason.ts";

/** What a SidecarSet looks at to select a pod. */
export interface Candidate {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly namespaceLabels: Labels | undefined;
}

export interface MatchedSidecarSets {
  /** In the order of injection. */
  readonly selected: readonly SidecarSet[];
  readonly skipped: readonly InjectionOutcome[];
  /** For the person who created the pod: what it asks for and does not get. */
  readonly warnings: readonly string[];
}

type Check = (set: SidecarSet, pod: Candidate) => InjectionReason | undefined;
const CHECKS: readonly Check[] = [namespaceMismatch, selectorMismatch, injectionPaused, optedOut];

/**
 * Which SidecarSets apply to a new pod. Those with a lower `order` come first; where it is equal, sets bound to the pod's namespace by
 * its name, then the others, each group by name. A canary that applies takes the place of its base, also when another canary takes its own place.
 */
export function matchSidecarSets(sets: readonly SidecarSet[], pod: Candidate): MatchedSidecarSets {
  const matching: SidecarSet[] = [];
  const skipped: InjectionOutcome[] = [];
  for (const set of sets) {
    const reason = firstReason(set, pod);
    if (reason) skipped.push({ kind: "skipped", sidecarSet: set.name, reason });
    else matching.push(set);
  }
  const applying = inOrder(matching, pod.namespace);
  if (applying.length === 0) return { selected: [], skipped, warnings: [] };
  const canaries = new Map<string, string>();
  for (const { annotations, name } of applying) {
    const base = canaryBaseOf(annotations);
    if (base !== undefined) canaries.set(base, name);
  }
  if (canaries.size === 0) return { selected: applying, skipped, warnings: warningsFor(applying, pod) };
  for (const { name } of applying) {
    const canary = canaries.get(name);
    if (canary === undefined) continue;
    const reason = injectionReason(
      "canaryWins",
      `the canary SidecarSet ${canary} takes the place of ${name} for this pod`,
    );
    skipped.push({ kind: "skipped", sidecarSet: name, reason });
  }
  const selected = applying.filter(({ name }) => !canaries.has(name));
  return { selected, skipped, warnings: warningsFor(selected, pod) };
}

function firstReason(set: SidecarSet, pod: Candidate): InjectionReason | undefined {
  for (const check of CHECKS) {
    const reason = check(set, pod);
    if (reason) return reason;
  }
  return undefined;
}

function namespaceMismatch(
  { spec }: SidecarSet,
  { namespace, namespaceLabels }: Candidate,
): InjectionReason | undefined {
  if (spec.namespaceSelector === undefined) return undefined;
  if (namespaceLabels === undefined) {
    return injectionReason("namespaceMismatch", `namespace ${namespace} is not known, so its labels cannot be matched`);
  }
  const only = onlyNamespace(spec.namespaceSelector);
  if (only !== undefined && only !== namespace) {
    return injectionReason(
      "namespaceMismatch",
      `the SidecarSet is for namespace ${only}, the pod lives in ${namespace}`,
    );
  }
  const unmet = unmetIn(spec.namespaceSelector, namespaceLabels, `namespace ${namespace}`);
  return unmet === undefined ? undefined : injectionReason("namespaceMismatch", `spec.namespaceSelector ${unmet}`);
}

/** An empty selector selects no pod at all unless the set says which namespaces it is for. */
function selectorMismatch({ spec }: SidecarSet, { labels }: Candidate): InjectionReason | undefined {
  const { selector, namespaceSelector } = spec;
  const bounded = namespaceSelector !== undefined && !isEmptySelector(namespaceSelector);
  if (selector === undefined || (isEmptySelector(selector) && !bounded)) {
    return injectionReason("selectorMismatch", "spec.selector is empty and selects no pod");
  }
  const unmet = unmetIn(selector, labels, "the pod");
  return unmet === undefined ? undefined : injectionReason("selectorMismatch", `spec.selector ${unmet}`);
}

function injectionPaused({ spec }: SidecarSet): InjectionReason | undefined {
  if (!spec.injectionStrategy.paused) return undefined;
  return injectionReason("injectionPaused", "spec.injectionStrategy.paused is true");
}

function optedOut(set: SidecarSet, pod: Candidate): InjectionReason | undefined {
  const mark = set.spec.injectionStrategy.optOut === "Deny" ? undefined : optOutMark(set, pod);
  return mark === undefined ? undefined : injectionReason("optedOut", `the pod has the ${mark}`);
}

function deniedOptOuts(selected: readonly SidecarSet[], pod: Candidate): readonly string[] {
  return selected.flatMap((set) => {
    const mark = optOutMark(set, pod);
    return mark === undefined
      ? []
      : [`the pod has the ${mark}, but SidecarSet ${set.name} is injected all the same: its optOut is Deny`];
  });
}

function warningsFor(selected: readonly SidecarSet[], pod: Candidate): readonly string[] {
  return [...deniedOptOuts(selected, pod), ...unclearMarks(pod)];
}

function unmetIn(selector: LabelSelector, labels: Labels, owner: string): string | undefined {
  const compiled = compileSelectorOnce(selector);
  if (!compiled.ok) return `is invalid and matches nothing: ${compiled.error[0]?.detail}`;
  const unmet = compiled.value.firstUnmet(labels);
  if (!unmet) return undefined;
  const { requirement, found } = unmet;
  return `wants ${formatRequirement(requirement)}, ${owner} has ${found === undefined ? `no label ${requirement.key}` : `${requirement.key}=${found}`}`;
}

function inOrder(sets: readonly SidecarSet[], namespace: string): readonly SidecarSet[] {
  if (sets.length < 2) return sets;
  return [...sets].sort(
    (left, right) =>
      left.spec.injectionStrategy.order - right.spec.injectionStrategy.order ||
      Number(isBoundTo(right, namespace)) - Number(isBoundTo(left, namespace)) ||
      compareUtf8(left.name, right.name),
  );
}

/** The namespace that a selector names and that is all it says; v1alpha1's `namespace` reads like this. */
function onlyNamespace({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string | undefined {
  const name = matchLabels[NAMESPACE_NAME_LABEL];
  return Object.keys(matchLabels).length === 1 && matchExpressions.length === 0 ? name : undefined;
}

/** Bound by an equality on the namespace's name, else by the first In-expression on it. */
function isBoundTo({ spec }: SidecarSet, namespace: string): boolean {
  const name = spec.namespaceSelector?.matchLabels?.[NAMESPACE_NAME_LABEL];
  if (name !== undefined) return name === namespace;
  const expression = spec.namespaceSelector?.matchExpressions?.find(
    ({ key, operator }) => key === NAMESPACE_NAME_LABEL && operator === "In",
  );
  return expression?.values?.includes(namespace) ?? false;
}
