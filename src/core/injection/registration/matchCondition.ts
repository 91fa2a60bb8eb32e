import type { LabelRange } from "../../kube/labelRange.ts";
import { NAMESPACE_NAME_LABEL } from "../../sidecarSet/annotations.ts";
import type { Condition } from "./podScope.ts";

/** Match conditions see the pod and the name of its namespace, but not the namespace's other labels. */
export function isVisible({ of, key }: Condition): boolean {
  return of === "pod" || key === NAMESPACE_NAME_LABEL;
}

/**
 * The CEL text that is true for pods that meet all conditions of one of the alternatives. It never fails, whatever labels are missing.
 * Alternatives have at least one condition each, all of them visible.
 */
export function matchCondition(alternatives: readonly (readonly Condition[])[]): string {
  const text = alternatives.map((conditions) => conditions.map(conditionText).join(" && ")).join(" || ");
  const readsLabels = alternatives.flat().some(({ of }) => of === "pod");
  return readsLabels ? `[has(object.metadata.labels) ? object.metadata.labels : {}].exists(labels, ${text})` : text;
}

function conditionText({ of, key, range }: Condition): string {
  if (of === "namespace") {
    const listed = isOneOf("request.namespace", range);
    return range.listed === "only" ? listed : `!(${listed})`;
  }
  const exists = `${quoted(key)} in labels`;
  const listed = isOneOf(`labels[${quoted(key)}]`, range);
  if (range.listed === "only") {
    if (range.values.length === 0) return `!(${exists})`;
    return range.absent ? `(!(${exists}) || ${listed})` : `${exists} && ${listed}`;
  }
  if (range.absent) return `!(${exists} && ${listed})`;
  return range.values.length === 0 ? exists : `${exists} && !(${listed})`;
}

function isOneOf(subject: string, { values }: LabelRange): string {
  return values.length === 1
    ? `${subject} == ${quoted(values[0]!)}`
    : `${subject} in [${values.map(quoted).join(", ")}]`;
}

/** JSON's escapes mean the same in CEL. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
