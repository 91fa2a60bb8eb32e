import type { Container, Pod, PodSpec } from "../../core/kube/pod.ts";
import type { FieldError } from "../../core/result.ts";
import { sameJson } from "../apiObject.ts";
import { containerErrors, podErrors } from "./podValidation.ts";

const UPDATABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

/** A pod is almost immutable: this rule is why sidecars are upgraded through `image` alone. */
export function podUpdateErrors(pod: Pod, old: Pod): FieldError[] {
  const counts = [
    ...countErrors(pod.spec.containers, old.spec.containers, "spec.containers"),
    ...countErrors(pod.spec.initContainers, old.spec.initContainers, "spec.initContainers"),
  ];
  if (counts.length > 0) return [...podErrors(pod), ...counts];
  const images = [
    ...imageErrors(pod.spec.containers, "spec.containers"),
    ...imageErrors(pod.spec.initContainers ?? [], "spec.initContainers"),
  ];
  const rules = [
    ...podErrors(pod),
    ...images,
    ...deadlineErrors(pod.spec, old.spec),
    ...tolerationErrors(pod.spec, old.spec),
    ...gateErrors(pod.spec, old.spec),
  ];
  if (sameJson(munged(pod.spec, old.spec), old.spec)) return unique(rules);
  const detail = `pod updates may not change fields other than ${UPDATABLE.join(",")}\n${changedFields(munged(pod.spec, old.spec), old.spec)}`;
  return unique([...rules, { field: "spec", type: "FieldValueForbidden", detail }]);
}

/** The new spec with everything that may change set back to the old value. */
function munged(spec: PodSpec, old: PodSpec): Record<string, unknown> {
  const back = (list: readonly Container[] | undefined, before: readonly Container[] | undefined): unknown =>
    list?.map((container, index) => ({ ...container, image: before?.[index]?.image }));
  const raised = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  const result: Record<string, unknown> = { ...spec, containers: back(spec.containers, old.containers) };
  if (spec.initContainers) result.initContainers = back(spec.initContainers, old.initContainers);
  if (raised) result.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds;
  for (const field of ["activeDeadlineSeconds", "tolerations", "schedulingGates"]) {
    if (old[field] === undefined) delete result[field];
    else result[field] = old[field];
  }
  return result;
}

/** Which fields differ, deep enough to be recognised. */
function changedFields(spec: Readonly<Record<string, unknown>>, old: PodSpec): string {
  const fields = [...new Set([...Object.keys(spec), ...Object.keys(old)])].sort();
  return fields
    .filter((field) => !sameJson(spec[field], old[field]))
    .map((field) => `  ${field}: ${JSON.stringify(old[field]) ?? "null"} -> ${JSON.stringify(spec[field]) ?? "null"}\n`)
    .join("");
}

function countErrors(
  containers: readonly Container[] | undefined,
  old: readonly Container[] | undefined,
  field: string,
): FieldError[] {
  return (containers?.length ?? 0) === (old?.length ?? 0)
    ? []
    : [{ field, type: "FieldValueForbidden", detail: "pod updates may not add or remove containers" }];
}

/** An update may not leave a container without an image, which creation of a template may. */
function imageErrors(containers: readonly Container[], field: string): FieldError[] {
  return containers.flatMap((container, index) => containerErrors.image(container, `${field}[${index}]`));
}

function deadlineErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const field = "spec.activeDeadlineSeconds";
  const now = spec.activeDeadlineSeconds as number | undefined;
  const before = old.activeDeadlineSeconds as number | undefined;
  if (now === undefined) {
    const detail = "must not update from a positive integer to nil value";
    return before === undefined ? [] : [{ field, type: "FieldValueInvalid", value: null, detail }];
  }
  if (now < 0 || now > 2 ** 31 - 1) {
    const detail = "must be between 0 and 2147483647, inclusive";
    return [{ field, type: "FieldValueInvalid", value: now, detail }];
  }
  const detail = "must be less than or equal to previous value";
  return before !== undefined && before < now ? [{ field, type: "FieldValueInvalid", value: now, detail }] : [];
}

/** Tolerations may be added, and the seconds of one changed; none may go. */
function tolerationErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const now = (spec.tolerations as readonly Record<string, unknown>[] | undefined) ?? [];
  const before = (old.tolerations as readonly Record<string, unknown>[] | undefined) ?? [];
  const kept = before.every((toleration) =>
    now.some((candidate) =>
      sameJson({ ...candidate, tolerationSeconds: null }, { ...toleration, tolerationSeconds: null }),
    ),
  );
  const detail = "existing toleration can not be modified except its tolerationSeconds";
  return kept ? [] : [{ field: "spec.tolerations", type: "FieldValueForbidden", detail }];
}

function gateErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const now = (spec.schedulingGates as readonly { name: string }[] | undefined) ?? [];
  const before = (old.schedulingGates as readonly { name: string }[] | undefined) ?? [];
  return now
    .filter(({ name }) => !before.some((gate) => gate.name === name))
    .map(({ name }, index) => ({
      field: `spec.schedulingGates[${index}].name`,
      type: "FieldValueForbidden",
      detail: `only deletion is allowed, but found new scheduling gate '${name}'`,
    }));
}

function unique(errors: readonly FieldError[]): FieldError[] {
  const seen = new Map(errors.map((error) => [`${error.field} ${error.type} ${error.detail}`, error]));
  return [...seen.values()];
}
