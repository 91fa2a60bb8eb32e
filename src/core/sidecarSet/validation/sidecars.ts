import { invalid, invalidIf, oneOf, required } from "../../kube/fieldErrors.ts";
import type { CompilePattern } from "../../kube/pattern.ts";
import { subscriptOf, subscriptProblem } from "../../kube/podTemplate/env.ts";
import type { FieldError } from "../../result.ts";
import { checkExpression } from "../resourceExpression.ts";
import type { SidecarContainer, SidecarSet, TransferEnv } from "../sidecarSet.ts";

/** SidecarSet's own fields of containers. What Kubernetes knows about containers is checked elsewhere. */
export function sidecarErrors({ spec }: SidecarSet, compilePattern: CompilePattern): FieldError[] {
  return [
    ...(spec.containers ?? []).flatMap((container, index) => {
      const path = `spec.containers[${index}]`;
      return [
        ...policyErrors(container, path),
        ...(container.transferEnv ?? []).flatMap((entry, entryIndex) =>
          sourceErrors(entry, `${path}.transferEnv[${entryIndex}].sourceContainerNameFrom`),
        ),
        ...resourcesPolicyErrors(container, path, compilePattern),
      ];
    }),
    ...(spec.initContainers ?? []).flatMap((container, index) => {
      const path = `spec.initContainers[${index}]`;
      const isPlain = container.resourcesPolicy !== undefined && container.restartPolicy !== "Always";
      return [
        ...(isPlain
          ? invalid(
              `${path}.resourcesPolicy`,
              undefined,
              "an init container may have this only with restartPolicy: Always",
            )
          : []),
        ...resourcesPolicyErrors(container, path, compilePattern),
      ];
    }),
  ];
}

export function policyErrors({ podInjectPolicy, shareVolumePolicy }: SidecarContainer, path: string): FieldError[] {
  return [
    ...oneOf(podInjectPolicy ?? "", ["BeforeAppContainer", "AfterAppContainer"], `${path}.podInjectPolicy`),
    ...oneOf(shareVolumePolicy.type ?? "", ["enabled", "disabled"], `${path}.shareVolumePolicy.type`),
  ];
}

/** The name of the container to copy from can only be read from a label or an annotation of the pod. */
export function sourceErrors({ sourceContainerNameFrom: from }: TransferEnv, path: string): FieldError[] {
  if (from === undefined) return [];
  const { fieldRef } = from;
  if (!fieldRef) return required(`${path}.fieldRef`, "name a label or an annotation of the pod");
  const { apiVersion, fieldPath } = fieldRef;
  if (!apiVersion) return required(`${path}.fieldRef.apiVersion`, "v1 is expected");
  if (!fieldPath) return required(`${path}.fieldRef.fieldPath`, "name a label or an annotation of the pod");
  const subscript = apiVersion === "v1" ? subscriptOf(fieldPath) : undefined;
  if (apiVersion !== "v1")
    return invalid(`${path}.fieldRef.fieldPath`, fieldPath, `there is no pod version ${apiVersion}`);
  if (!subscript) {
    const detail = "must be metadata.labels['key'] or metadata.annotations['key']";
    return invalid(`${path}.fieldRef.fieldPath`, fieldPath, detail);
  }
  return invalidIf(subscriptProblem(subscript), `${path}.fieldRef.fieldPath`, fieldPath);
}

function resourcesPolicyErrors(
  { resourcesPolicy, resources }: SidecarContainer,
  path: string,
  compilePattern: CompilePattern,
): FieldError[] {
  if (!resourcesPolicy) return [];
  const field = `${path}.resourcesPolicy`;
  const fixed = [resources?.limits, resources?.requests].some((list) => Object.keys(list ?? {}).length > 0);
  if (fixed) return invalid(field, undefined, "a container has either resources or a resourcesPolicy");
  const { targetContainersNameRegex: pattern = "", resourcesExpr } = resourcesPolicy;
  const compiled = compilePattern(pattern);
  const lists = (["limits", "requests"] as const).filter((list) => resourcesExpr[list] !== undefined);
  return [
    ...(pattern === ""
      ? required(`${field}.targetContainersNameRegex`, 'give a pattern; ".*" means every container')
      : []),
    ...(compiled.ok ? [] : invalid(`${field}.targetContainersNameRegex`, pattern, compiled.error)),
    ...(lists.length === 0 ? invalid(`${field}.resourcesExpr`, undefined, "give limits or requests") : []),
    ...lists.flatMap((list) =>
      (["cpu", "memory"] as const).flatMap((resource) => {
        const text = resourcesExpr[list]?.[resource] ?? "";
        const checked = checkExpression(text, resource);
        return checked.ok ? [] : invalid(`${field}.resourcesExpr.${list}.${resource}`, text, checked.error);
      }),
    ),
  ];
}
