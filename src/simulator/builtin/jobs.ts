import type { PodSpec } from "../../core/kube/pod.ts";
import type { FieldError } from "../../core/result.ts";
import { type ApiObject, fieldAt, isRecord, sameJson, withMeta } from "../apiObject.ts";
import { humanDuration } from "../humanDuration.ts";
import { builtin } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, textColumn } from "../table/columns.ts";
import { podSpecErrors } from "./podValidation.ts";
import { statusOf } from "./statusSubresource.ts";
import { count, type Fields, selectorColumn, templateColumns, withSpec } from "./templateRules.ts";

export const JOB = builtin({
  group: "batch",
  version: "v1",
  kind: "Job",
  plural: "jobs",
  namespaced: true,
  categories: ["all"],
  decode: (object) => withSpec(object, withDefaults),
  columns: [
    nameColumn,
    textColumn("Status", statusText),
    textColumn("Completions", completionsText),
    textColumn("Duration", durationText),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  strategy: {
    unconditionalUpdate: true,
    orphansByDefault: true,
    prepareForCreate: (object) => ({ ...withGeneratedSelector(object), status: {} }),
    prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
    validateCreate: errors,
    validateUpdate: (object, old) => [...errors(object), ...forbiddenChanges(object, old)],
    generationOf: (object) => object.spec,
    selectableFields: { "status.successful": (object) => String(count(object, "status", "succeeded")) },
  },
  subresources: { status: statusOf({ metadataToo: true }) },
});

function withDefaults(spec: Fields): Fields {
  const several = spec.completions !== undefined || spec.parallelism !== undefined;
  return {
    ...(several ? {} : { completions: 1 }),
    parallelism: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: "TerminatingOrFailed",
    manualSelector: false,
    ...spec,
  };
}

/** Unless the user chooses by hand, a Job's pods are known by its uid. */
function withGeneratedSelector(object: ApiObject): ApiObject {
  const spec = object.spec as Fields;
  if (spec.manualSelector === true) return object;
  const { uid = "", name = "" } = object.metadata;
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const template = isRecord(spec.template) ? spec.template : {};
  const metadata = isRecord(template.metadata) ? template.metadata : {};
  const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  const labelled = { ...template, metadata: { ...metadata, labels: { ...(metadata.labels as object), ...labels } } };
  const own =
    Object.keys(object.metadata.labels ?? {}).length > 0
      ? object.metadata.labels
      : { ...(metadata.labels as object), ...labels };
  return withMeta({ ...object, spec: { ...spec, selector, template: labelled } }, { labels: own });
}

/** Parts of a Job that nothing here acts on. */
const UNSERVED = [
  "activeDeadlineSeconds",
  "backoffLimitPerIndex",
  "managedBy",
  "maxFailedIndexes",
  "podFailurePolicy",
  "successPolicy",
  "ttlSecondsAfterFinished",
];

function errors(object: ApiObject): FieldError[] {
  const spec = isRecord(object.spec) ? object.spec : {};
  const podSpec = fieldAt(spec, "template", "spec");
  const unserved = UNSERVED.filter((field) => spec[field] !== undefined);
  const indexed = spec.completionMode === "Indexed" ? ["completionMode"] : [];
  const detail = "the embedded cluster does not implement it";
  return [
    ...[...unserved, ...indexed].map(
      (field) => ({ field: `spec.${field}`, type: "FieldValueForbidden", detail }) as const,
    ),
    ...podSpecErrors({ containers: [], ...(podSpec as object) } as PodSpec, "spec.template.spec"),
    ...restartErrors(fieldAt(podSpec, "restartPolicy"), fieldAt(spec, "template", "spec", "restartPolicy")),
  ];
}

function restartErrors(policy: unknown, value: unknown): FieldError[] {
  if (policy === "Never" || policy === "OnFailure") return [];
  const field = "spec.template.spec.restartPolicy";
  if (policy === undefined || policy === "Always") {
    return [{ field, type: "FieldValueRequired", detail: 'valid values: "OnFailure", "Never"' }];
  }
  return [{ field, type: "FieldValueNotSupported", value, detail: 'supported values: "OnFailure", "Never"' }];
}

function forbiddenChanges(object: ApiObject, old: ApiObject): FieldError[] {
  return ["completions", "selector", "template", "completionMode"]
    .filter((field) => !sameJson(fieldAt(object, "spec", field), fieldAt(old, "spec", field)))
    .map((field) => ({
      field: `spec.${field}`,
      type: "FieldValueInvalid",
      value: fieldAt(object, "spec", field),
      detail: "field is immutable",
    }));
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

function statusText(object: ApiObject): string {
  const conditions = (fieldAt(object, "status", "conditions") as readonly Condition[] | undefined) ?? [];
  const has = (type: string): boolean => conditions.some((one) => one.type === type && one.status === "True");
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (object.metadata.deletionTimestamp) return "Terminating";
  return has("Suspended") ? "Suspended" : "Running";
}

function completionsText(object: ApiObject): string {
  const succeeded = count(object, "status", "succeeded");
  const completions = fieldAt(object, "spec", "completions");
  if (completions !== undefined) return `${succeeded}/${Number(completions)}`;
  const parallelism = count(object, "spec", "parallelism");
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText(object: ApiObject, now: number): string {
  const started = fieldAt(object, "status", "startTime") as string | undefined;
  if (started === undefined) return "";
  const ended = fieldAt(object, "status", "completionTime") as string | undefined;
  return humanDuration((ended === undefined ? now : Date.parse(ended)) - Date.parse(started));
}
