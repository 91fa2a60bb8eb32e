import { ANYTHING, isAnything, type LabelRange, requirementsOf, sameRange, unionOf } from "../../kube/labelRange.ts";
import type { LabelSelector, Requirement } from "../../kube/labelSelector.ts";
import type { FailurePolicy, SidecarSet } from "../../sidecarSet/sidecarSet.ts";
import type { InjectionRules } from "../injection.ts";
import { isVisible, matchCondition } from "./matchCondition.ts";
import { mergeScopes } from "./mergeScopes.ts";
import { type Condition, labelText, type NoScope, type PodScope, podScope } from "./podScope.ts";

/** Which pods the API server sends us for the SidecarSets of one failure policy. */
export interface PodEntry {
  readonly failurePolicy: FailurePolicy;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  /** CEL, for what selectors cannot say: the union of several. Absent: they say it all. */
  readonly matchCondition?: string;
  /** Why pods come that nobody selects; none: exactly those come that are selected. */
  readonly widened: readonly Widening[];
}

interface Widening {
  readonly message: string;
  /** Those whose selection could not be told. */
  readonly sidecarSets: readonly string[];
}

export interface RegistrationPlan {
  /** One for each failure policy in use; none: no pod has to come. */
  readonly entries: readonly PodEntry[];
  /** The SidecarSets for which no pod has to come. */
  readonly without: ReadonlyMap<string, NoScope>;
}

export interface RegistrationInput extends InjectionRules {
  readonly sidecarSets: Iterable<SidecarSet>;
  /** Why there can be no match condition with this text; absent: any will do. */
  readonly refuses?: (matchCondition: string) => string | undefined;
}

/** API servers compile a text in time that grows with its square, and let pods wait meanwhile: 30 ms for 7,000 characters, 9 s for 56,000. */
const LONGEST_CONDITION = 8_192;

/**
 * Derives which pods have to come to us: never fewer than the SidecarSets select, and no more than can be helped. Namespaces that are
 * never injected are left out. What could not be expressed is told with the entry.
 */
export function planRegistration(input: RegistrationInput): RegistrationPlan {
  const { excludedNamespaces = [], defaultFailurePolicy = "Fail" } = input;
  const scopes: Record<FailurePolicy, PodScope[]> = { Fail: [], Ignore: [] };
  const without = new Map<string, NoScope>();
  const byName = [...input.sidecarSets].sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const set of byName) {
    const scope = podScope(set, excludedNamespaces);
    if ("reason" in scope) without.set(set.name, scope);
    else scopes[set.spec.injectionStrategy.failurePolicy ?? defaultFailurePolicy].push(scope);
  }
  const inUse = (["Fail", "Ignore"] as const).filter((policy) => scopes[policy].length > 0);
  return { entries: inUse.map((policy) => podEntry(policy, scopes[policy], input.refuses)), without };
}

function podEntry(
  failurePolicy: FailurePolicy,
  scopes: readonly PodScope[],
  refuses: RegistrationInput["refuses"],
): PodEntry {
  const merged = mergeScopes(scopes);
  const inCommon = commonConditions(merged);
  const { alternatives, widened } = visibleAlternatives(merged.map((scope) => beyond(scope, inCommon)));
  const entry = {
    failurePolicy,
    namespaceSelector: selectorOf(inCommon.filter(({ of }) => of === "namespace")),
    objectSelector: selectorOf(inCommon.filter(({ of }) => of === "pod")),
  };
  if (alternatives.some(({ conditions }) => conditions.length === 0)) return { ...entry, widened };
  const text = matchCondition(alternatives.map(({ conditions }) => conditions));
  const refusal = text.length > LONGEST_CONDITION ? tooLong(text) : refuses?.(text);
  if (refusal === undefined) return { ...entry, matchCondition: text, widened };
  const sidecarSets = alternatives.flatMap((scope) => scope.sidecarSets);
  return { ...entry, widened: [...widened, { message: refusal, sidecarSets }] };
}

/** What every scope asks, label by label, as far as selectors can say it. */
function commonConditions(scopes: readonly PodScope[]): readonly Condition[] {
  const [first, ...others] = scopes.map(({ conditions }) => new Map(conditions.map((one) => [labelText(one), one])));
  const joined = [...first!].map(([label, condition]): Condition => {
    const ranges = others.map((conditions) => conditions.get(label)?.range ?? ANYTHING);
    return { ...condition, range: unionOf([condition.range, ...ranges]) };
  });
  return joined.filter(({ key, range }) => !isAnything(range) && requirementsOf(key, range) !== undefined);
}

/** Of a scope, what the common conditions do not make sure. */
function beyond(scope: PodScope, inCommon: readonly Condition[]): PodScope {
  const sure = new Map<string, LabelRange>(inCommon.map((condition) => [labelText(condition), condition.range]));
  const conditions = scope.conditions.filter((condition) => {
    const range = sure.get(labelText(condition));
    return range === undefined || !sameRange(range, condition.range);
  });
  return { ...scope, conditions };
}

function visibleAlternatives(scopes: readonly PodScope[]): {
  readonly alternatives: readonly PodScope[];
  readonly widened: readonly Widening[];
} {
  const unseen = scopes.filter(({ conditions }) => !conditions.every(isVisible));
  const visible = scopes.map((scope) => ({ ...scope, conditions: scope.conditions.filter(isVisible) }));
  if (unseen.length === 0) return { alternatives: visible, widened: [] };
  const hidden = unseen.flatMap(({ conditions }) => conditions.filter((condition) => !isVisible(condition)));
  const keys = [...new Set(hidden.map(({ key }) => key))].sort().join(", ");
  const message = `SidecarSets ask for different namespace labels (${keys}), which match conditions cannot see`;
  const sidecarSets = unseen.flatMap((scope) => scope.sidecarSets);
  return { alternatives: mergeScopes(visible), widened: [{ message, sidecarSets }] };
}

/** Single values stand as people write them. */
function selectorOf(conditions: readonly Condition[]): LabelSelector {
  const requirements = conditions.flatMap(({ key, range }) => requirementsOf(key, range) ?? []);
  const equalities = requirements.filter(isEquality);
  const others = requirements.filter((requirement) => !isEquality(requirement));
  return {
    ...(equalities.length > 0 && {
      matchLabels: Object.fromEntries(equalities.map(({ key, values }) => [key, values[0]!])),
    }),
    ...(others.length > 0 && { matchExpressions: others.map(expression) }),
  };
}

function isEquality({ operator, values }: Requirement): boolean {
  return operator === "In" && values.length === 1;
}

function expression({ key, operator, values }: Requirement) {
  const written = operator as "In" | "NotIn" | "Exists" | "DoesNotExist"; // requirementsOf knows no other
  return values.length === 0 ? { key, operator: written } : { key, operator: written, values };
}

function tooLong(text: string): string {
  return `the union of the selectors takes a match condition of ${text.length} characters, more than ${LONGEST_CONDITION}`;
}
