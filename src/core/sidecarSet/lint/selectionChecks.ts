import {
  type CompiledSelector,
  compileRequirements,
  compileSelector,
  type LabelSelector,
} from "../../kube/labelSelector.ts";
import { selectorsOverlap } from "../../kube/selectorOverlap.ts";
import { type Check, type Finding, finding, type Subject, shown } from "./finding.ts";

/** Selectors that no pod can meet, whatever its labels, and namespaces that do not exist. Pods are not counted here. */
export const matchesNothing: Check = (subject) => {
  const { selector, namespaceSelector, updateStrategy } = subject.set.spec;
  const pods = compiled(selector);
  const updates = updateStrategy.type === "NotUpdate" ? undefined : compiled(updateStrategy.selector);
  return [
    ...contradiction(pods, "spec.selector", "no pod can be selected"),
    ...namespaceFindings(compiled(namespaceSelector), subject),
    ...updateFindings(updates, pods),
  ];
};

function namespaceFindings(
  selector: CompiledSelector | undefined,
  { written, namespaces }: Subject,
): readonly Finding[] {
  const field = written.namespace ? "spec.namespace" : "spec.namespaceSelector";
  const impossible = contradiction(selector, field, "no namespace can be selected");
  if (impossible.length > 0 || !selector || !namespaces || namespaces.some((labels) => selector.matches(labels))) {
    return impossible;
  }
  const what = written.namespace
    ? `no namespace ${shown(written.namespace)} is known`
    : "no known namespace has these labels";
  return finding("L04", field, `${what} yet: no pod gets the sidecars until there is one`);
}

function updateFindings(updates: CompiledSelector | undefined, pods: CompiledSelector | undefined): readonly Finding[] {
  const field = "spec.updateStrategy.selector";
  const impossible = contradiction(updates, field, "no pod would ever be updated (U04)");
  const key = updates && pods && clashingKey(updates, pods);
  if (impossible.length > 0 || key === undefined || (pods && clashingKey(pods, pods) !== undefined)) return impossible;
  const message = `contradicts spec.selector about ${shown(key)}: no pod meets both, so none would ever be updated (U04); make them agree`;
  return finding("L04", field, message);
}

function contradiction(selector: CompiledSelector | undefined, field: string, effect: string): readonly Finding[] {
  const key = selector && clashingKey(selector, selector);
  if (key === undefined) return [];
  return finding("L04", field, `its conditions on ${shown(key)} contradict each other: ${effect}; remove one of them`);
}

/** A label that cannot be as both selectors want it. */
function clashingKey(left: CompiledSelector, right: CompiledSelector): string | undefined {
  const keys = new Set([...left.requirements, ...right.requirements].map(({ key }) => key));
  return [...keys].find((key) => !selectorsOverlap(about(left, key), about(right, key)));
}

function about({ requirements }: CompiledSelector, key: string): CompiledSelector {
  return compileRequirements(requirements.filter((requirement) => requirement.key === key));
}

/** What is wrong with a selector itself is an error. */
function compiled(selector: LabelSelector | undefined): CompiledSelector | undefined {
  const result = selector && compileSelector(selector);
  return result?.ok ? result.value : undefined;
}
