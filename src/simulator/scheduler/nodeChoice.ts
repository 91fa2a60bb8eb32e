import type { Pod } from "../../core/kube/pod.ts";
import type { Node, Taint } from "../nodes.ts";

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Term {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] };
  };
}

/** Whether the pod's nodeSelector and its required node affinity choose the node. */
export function isOnNodeSelected({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries((spec.nodeSelector as Readonly<Record<string, string>> | undefined) ?? {});
  if (selector.some(([key, value]) => labels[key] !== value)) return false;
  const required = (spec.affinity as Affinity | undefined)?.nodeAffinity
    ?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || (required.nodeSelectorTerms ?? []).some((term) => termMatches(term, node));
}

function termMatches({ matchExpressions = [], matchFields = [] }: Term, { metadata }: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields: Readonly<Record<string, string | undefined>> = { "metadata.name": metadata.name };
  return (
    matchExpressions.every((one) => requirementMatches(one, metadata.labels?.[one.key])) &&
    matchFields.every((one) => requirementMatches(one, fields[one.key]))
  );
}

function requirementMatches({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** The first taint of one of the effects that the pod does not tolerate. */
export function untoleratedTaint(pod: Pod, node: Node, effects: readonly string[]): Taint | undefined {
  return node.spec?.taints?.find((taint) => effects.includes(taint.effect) && !tolerates(pod, taint));
}

export function toleratesNode(pod: Pod, node: Node, effects: readonly string[]): boolean {
  return untoleratedTaint(pod, node, effects) === undefined;
}

function tolerates(pod: Pod, taint: Taint): boolean {
  const tolerations = (pod.spec.tolerations as readonly Toleration[] | undefined) ?? [];
  return tolerations.some(
    ({ key, operator = "Equal", value, effect }) =>
      (effect === undefined || effect === "" || effect === taint.effect) &&
      (key === undefined || key === "" || key === taint.key) &&
      (operator === "Exists" || (value ?? "") === (taint.value ?? "")),
  );
}
