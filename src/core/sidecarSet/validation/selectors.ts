import { invalid, invalidIf, required } from "../../kube/fieldErrors.ts";
import { isEmptySelector, type LabelSelector, selectorErrors } from "../../kube/labelSelector.ts";
import { dnsLabelProblem, labelValueProblem } from "../../kube/labelSyntax.ts";
import type { FieldError } from "../../result.ts";
import { CUSTOM_VERSION_LABEL, NAMESPACE_NAME_LABEL } from "../annotations.ts";
import type { CheckedSidecarSet } from "./proposal.ts";

/** Which pods and namespaces are meant. `selector: {}` means all pods, but only where the namespaces are named. */
export function selectionErrors({ set, metadata, spec }: CheckedSidecarSet): FieldError[] {
  const { selector, namespaceSelector } = set.spec;
  const isBounded = namespaceSelector !== undefined && !isEmptySelector(namespaceSelector);
  return [
    ...(selector === undefined
      ? required("spec.selector", "say which pods get the sidecars")
      : selectorErrors(selector, "spec.selector")),
    ...(selector && isEmptySelector(selector) && !isBounded
      ? invalid(
          "spec.selector",
          selector,
          "an empty selector would mean every pod; name labels, or the namespaces it is for",
        )
      : []),
    ...(spec.namespaceSelector ? nonEmptySelectorErrors(spec.namespaceSelector, "spec.namespaceSelector") : []),
    ...namespaceErrors(spec),
    ...customVersionErrors(spec.customVersion, metadata.labels?.[CUSTOM_VERSION_LABEL]),
  ];
}

export function nonEmptySelectorErrors(selector: LabelSelector, path: string): FieldError[] {
  if (isEmptySelector(selector))
    return invalid(path, selector, "must have matchLabels or matchExpressions; leave it out to mean all");
  return selectorErrors(selector, path);
}

/** v1alpha1's namespace and a selector may stand together when they say the same. */
function namespaceErrors({ namespace, namespaceSelector }: CheckedSidecarSet["spec"]): FieldError[] {
  if (!namespace) return [];
  const { matchLabels = {}, matchExpressions = [] } = namespaceSelector ?? {};
  const saysTheSame =
    namespaceSelector === undefined ||
    (matchExpressions.length === 0 &&
      Object.keys(matchLabels).length === 1 &&
      matchLabels[NAMESPACE_NAME_LABEL] === namespace);
  return [
    ...invalidIf(dnsLabelProblem(namespace), "spec.namespace", namespace),
    ...(saysTheSame ? [] : invalid("spec.namespaceSelector", namespaceSelector, `contradicts namespace: ${namespace}`)),
  ];
}

function customVersionErrors(customVersion: string | undefined, label: string | undefined): FieldError[] {
  if (!customVersion) return [];
  return [
    ...invalidIf(labelValueProblem(customVersion), "spec.customVersion", customVersion),
    ...(label === undefined || label === customVersion
      ? []
      : invalid("spec.customVersion", customVersion, `contradicts the label ${CUSTOM_VERSION_LABEL}: ${label}`)),
  ];
}
