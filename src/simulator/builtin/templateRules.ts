import {
  compileSelector,
  formatRequirement,
  isEmptySelector,
  type LabelSelector,
  selectorErrors,
} from "../../core/kube/labelSelector.ts";
import type { PodSpec } from "../../core/kube/pod.ts";
import type { FieldError } from "../../core/result.ts";
import { type ApiObject, fieldAt, isRecord, sameJson } from "../apiObject.ts";
import type { TableColumn } from "../resourceDefinition.ts";
import { textColumn } from "../table/columns.ts";
import { withPodSpecDefaults } from "./podDefaults.ts";
import { checkPodSpecShape } from "./podShape.ts";
import { podSpecErrors } from "./podValidation.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What every kind shows that makes pods from a template. */
export const templateColumns: readonly TableColumn[] = [
  textColumn("Containers", (object) => containers(object, "name"), 1),
  textColumn("Images", (object) => containers(object, "image"), 1),
];

export const selectorColumn = textColumn("Selector", selectorText, 1);

/** The spec with its template completed, then changed. */
export function withSpec(object: ApiObject, change: (spec: Fields) => Fields): ApiObject {
  const spec = isRecord(object.spec) ? object.spec : {};
  checkPodSpecShape(fieldAt(spec, "template", "spec"), {
    kind: object.kind,
    version: "v1",
    path: "spec.template.spec",
  });
  return { ...object, spec: change(withTemplateDefaults(spec)) };
}

function withTemplateDefaults(spec: Fields): Fields {
  const template = spec.template;
  if (!isRecord(template)) return spec;
  return {
    ...spec,
    template: {
      ...template,
      metadata: isRecord(template.metadata) ? template.metadata : {},
      spec: withPodSpecDefaults(isRecord(template.spec) ? template.spec : {}),
    },
  };
}

/** The selector must be there, and choose the pods of the template. */
export function selectorProblems(spec: Fields, kind = "deployment"): FieldError[] {
  const selector = spec.selector as LabelSelector | undefined;
  if (selector === undefined || selector === null) {
    const labels = fieldAt(spec, "template", "metadata", "labels") ?? null;
    return [
      { field: "spec.selector", type: "FieldValueRequired", detail: "" },
      { field: "spec.template.metadata.labels", type: "FieldValueInvalid", value: labels, detail: SELECTOR_MISMATCH },
    ];
  }
  const problems = selectorErrors(selector, "spec.selector");
  if (problems.length > 0) return problems;
  if (isEmptySelector(selector)) {
    const detail = `empty selector is invalid for ${kind}`;
    return [{ field: "spec.selector", type: "FieldValueInvalid", value: selector, detail }];
  }
  const compiled = compileSelector(selector, "spec.selector");
  const labels = (fieldAt(spec, "template", "metadata", "labels") ?? {}) as Record<string, string>;
  if (!compiled.ok || compiled.value.matches(labels)) return [];
  return [
    { field: "spec.template.metadata.labels", type: "FieldValueInvalid", value: labels, detail: SELECTOR_MISMATCH },
  ];
}

const SELECTOR_MISMATCH = "`selector` does not match template `labels`";

/** Of a kind whose pods run for ever. */
export function templateErrors(spec: Fields): FieldError[] {
  const field = "spec.template.spec";
  const podSpec = fieldAt(spec, "template", "spec");
  if (!isRecord(podSpec)) return [{ field: `${field}.containers`, type: "FieldValueRequired", detail: "" }];
  const errors = podSpecErrors({ containers: [], ...podSpec } as PodSpec, field);
  if (podSpec.restartPolicy === undefined || podSpec.restartPolicy === "Always") return errors;
  const detail = 'supported values: "Always"';
  return [
    ...errors,
    { field: `${field}.restartPolicy`, type: "FieldValueNotSupported", value: podSpec.restartPolicy, detail },
  ];
}

export function selectorChange(object: ApiObject, old: ApiObject): FieldError[] {
  const selector = fieldAt(object, "spec", "selector");
  if (sameJson(selector, fieldAt(old, "spec", "selector"))) return [];
  return [{ field: "spec.selector", type: "FieldValueInvalid", value: selector, detail: "field is immutable" }];
}

export function count(object: ApiObject, part: "spec" | "status", field: string): number {
  return Number(fieldAt(object, part, field) ?? 0);
}

function containers(object: ApiObject, field: "name" | "image"): string {
  const list = (fieldAt(object, "spec", "template", "spec", "containers") as readonly Fields[] | undefined) ?? [];
  return list.map((container) => String(container[field])).join(",");
}

function selectorText(object: ApiObject): string {
  return selectorOf(object) || "<none>";
}

export function selectorOf(object: ApiObject): string {
  const compiled = compileSelector((fieldAt(object, "spec", "selector") ?? {}) as LabelSelector);
  return compiled.ok ? compiled.value.requirements.map(formatRequirement).join(",") : "";
}
