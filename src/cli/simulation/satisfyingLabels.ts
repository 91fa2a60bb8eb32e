import { compileSelector, type LabelSelector, type Labels } from "../../core/kube/labelSelector.ts";

/**
 * Labels that meet all of the selectors, as few as possible.
 * @returns undefined when there are none that would be easy to find
 */
export function satisfyingLabels(selectors: readonly (LabelSelector | undefined)[]): Labels | undefined {
  const compiled = selectors.flatMap((selector) => {
    const result = selector && compileSelector(selector);
    return result?.ok ? [result.value] : [];
  });
  const requirements = compiled.flatMap((selector) => selector.requirements);
  const labels: Record<string, string> = {};
  for (const { key, operator, values } of requirements) {
    if (operator === "In" || operator === "Exists")
      labels[key] ??= wantedValue(key, operator === "In" ? values : ["true"]);
  }
  return compiled.every((selector) => selector.matches(labels)) ? labels : undefined;

  /** A value that every other requirement on the key lets through. */
  function wantedValue(key: string, candidates: readonly string[]): string {
    const others = requirements.filter((requirement) => requirement.key === key);
    const fits = (value: string) =>
      others.every(({ operator, values }) =>
        operator === "In" ? values.includes(value) : operator === "NotIn" ? !values.includes(value) : true,
      );
    const all = [...candidates, ...others.flatMap(({ operator, values }) => (operator === "In" ? values : []))];
    return all.find(fits) ?? candidates[0] ?? "";
  }
}
