import type { CompiledSelector, Requirement } from "./labelSelector.ts";

/**
 * Whether some set of labels meets both selectors. Exact: each key is looked at by itself, for a selector is a conjunction of
 * conditions on single keys.
 */
export function selectorsOverlap(left: CompiledSelector, right: CompiledSelector): boolean {
  const requirements = [...left.requirements, ...right.requirements];
  const keys = new Set(requirements.map(({ key }) => key));
  return [...keys].every((key) => canBeMet(requirements.filter((requirement) => requirement.key === key)));
}

/** Whether the label can be absent, or have some value, so that all conditions on its key are met. */
function canBeMet(requirements: readonly Requirement[]): boolean {
  const valuesOf = (operator: Requirement["operator"]) =>
    requirements.filter((requirement) => requirement.operator === operator).map(({ values }) => values);
  const mayBeAbsent = requirements.every(({ operator }) => operator === "NotIn" || operator === "DoesNotExist");
  if (mayBeAbsent) return true;
  if (requirements.some(({ operator }) => operator === "DoesNotExist")) return false;
  const [first, ...others] = valuesOf("In");
  if (first === undefined) return true; // any of infinitely many values will do
  const excluded = new Set(valuesOf("NotIn").flat());
  return first.some((value) => !excluded.has(value) && others.every((values) => values.includes(value)));
}
