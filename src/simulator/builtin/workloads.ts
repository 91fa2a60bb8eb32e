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
import { badRequest } from "../apiStatus.ts";
import { builtin, type TableColumn, type ViewSubresource } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, numberColumn, textColumn } from "../table/columns.ts";
import { withPodSpecDefaults } from "./podDefaults.ts";
import { checkPodSpecShape } from "./podShape.ts";
import { podSpecErrors } from "./podValidation.ts";
import { statusOf } from "./statusSubresource.ts";

type Fields = Readonly<Record<string, unknown>>;

const templateColumns: readonly TableColumn[] = [
  textColumn("Containers", (object) => containers(object, "name"), 1),
  textColumn("Images", (object) => containers(object, "image"), 1),
  textColumn("Selector", selectorText, 1),
];

export const DEPLOYMENT = builtin({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
  shortNames: ["deploy"],
  categories: ["all"],
  decode: (object) => withSpec(object, deploymentDefaults),
  columns: [
    nameColumn,
    textColumn("Ready", (object) => `${count(object, "status", "readyReplicas")}/${count(object, "spec", "replicas")}`),
    textColumn("Up-to-date", (object) => String(count(object, "status", "updatedReplicas"))),
    textColumn("Available", (object) => String(count(object, "status", "availableReplicas"))),
    ageColumn,
    ...templateColumns,
  ],
  strategy: workloadStrategy(),
  subresources: { status: statusOf({ metadataToo: true }), scale: scaleOf() },
});

export const REPLICA_SET = builtin({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  namespaced: true,
  shortNames: ["rs"],
  categories: ["all"],
  decode: (object) => withSpec(object, (spec) => ({ replicas: 1, ...spec })),
  columns: [
    nameColumn,
    numberColumn("Desired", (object) => count(object, "spec", "replicas")),
    numberColumn("Current", (object) => count(object, "status", "replicas")),
    numberColumn("Ready", (object) => count(object, "status", "readyReplicas")),
    ageColumn,
    ...templateColumns,
  ],
  strategy: workloadStrategy(),
  subresources: { status: statusOf({ metadataToo: true }), scale: scaleOf() },
});

function workloadStrategy() {
  return {
    unconditionalUpdate: true,
    prepareForCreate: (object: ApiObject) => ({ ...object, status: firstStatus(object.kind) }),
    prepareForUpdate: (object: ApiObject, old: ApiObject) => ({ ...object, status: old.status }),
    validateCreate: workloadErrors,
    validateUpdate: (object: ApiObject, old: ApiObject) => [...workloadErrors(object), ...selectorChange(object, old)],
    generationOf: (object: ApiObject) => object.spec,
    selectableFields: { "status.replicas": (object: ApiObject) => String(count(object, "status", "replicas")) },
  } as const;
}

function firstStatus(kind: string): Fields {
  return kind === "ReplicaSet" ? { replicas: 0 } : {};
}

function withSpec(object: ApiObject, change: (spec: Fields) => Fields): ApiObject {
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

function deploymentDefaults(spec: Fields): Fields {
  const strategy = isRecord(spec.strategy) ? spec.strategy : {};
  const rolling = (strategy.type ?? "RollingUpdate") === "RollingUpdate";
  const rollingUpdate = {
    maxUnavailable: "25%",
    maxSurge: "25%",
    ...(isRecord(strategy.rollingUpdate) ? strategy.rollingUpdate : {}),
  };
  return {
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    replicas: 1,
    ...spec,
    strategy: { type: "RollingUpdate", ...strategy, ...(rolling ? { rollingUpdate } : {}) },
  };
}

function workloadErrors(object: ApiObject): FieldError[] {
  const spec = isRecord(object.spec) ? object.spec : {};
  const replicas = spec.replicas;
  const errors: FieldError[] = [];
  if (typeof replicas === "number" && replicas < 0) {
    const detail = "must be greater than or equal to 0";
    errors.push({ field: "spec.replicas", type: "FieldValueInvalid", value: replicas, detail });
  }
  return [...errors, ...selectorProblems(spec), ...templateErrors(spec), ...strategyErrors(object.kind, spec)];
}

function selectorProblems(spec: Fields): FieldError[] {
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
    const detail = "empty selector is invalid for deployment";
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

function templateErrors(spec: Fields): FieldError[] {
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

function strategyErrors(kind: string, spec: Fields): FieldError[] {
  if (kind !== "Deployment") return [];
  const strategy = spec.strategy as Fields;
  const type = String(strategy.type);
  if (type !== "RollingUpdate" && type !== "Recreate") {
    const detail = 'supported values: "Recreate", "RollingUpdate"';
    return [{ field: "spec.strategy.type", type: "FieldValueNotSupported", value: type, detail }];
  }
  if (type === "Recreate" && isRecord(strategy.rollingUpdate)) {
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    return [{ field: "spec.strategy.rollingUpdate", type: "FieldValueForbidden", detail }];
  }
  return [];
}

function selectorChange(object: ApiObject, old: ApiObject): FieldError[] {
  const selector = fieldAt(object, "spec", "selector");
  if (sameJson(selector, fieldAt(old, "spec", "selector"))) return [];
  return [{ field: "spec.selector", type: "FieldValueInvalid", value: selector, detail: "field is immutable" }];
}

/** `scale`: replicas by a small object of its own, for `kubectl scale` and autoscalers. */
function scaleOf(): ViewSubresource {
  return {
    type: "view",
    verbs: ["get", "patch", "update"],
    kind: { group: "autoscaling", version: "v1", kind: "Scale" },
    read: (object) => {
      const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
      return {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as ApiObject["metadata"],
        spec: count(object, "spec", "replicas") === 0 ? {} : { replicas: count(object, "spec", "replicas") },
        status: { replicas: count(object, "status", "replicas"), selector: selectorOf(object) },
      };
    },
    write: (body, object) => {
      const replicas = fieldAt(body, "spec", "replicas") ?? 0;
      if (typeof replicas !== "number") throw badRequest("spec.replicas of a Scale is a number");
      return { ...object, spec: { ...(object.spec as Fields), replicas } };
    },
    validate: (body) => {
      const replicas = fieldAt(body, "spec", "replicas");
      const detail = "must be greater than or equal to 0";
      return typeof replicas === "number" && replicas < 0
        ? [{ field: "spec.replicas", type: "FieldValueInvalid", value: replicas, detail }]
        : [];
    },
    changesGeneration: true,
  };
}

function count(object: ApiObject, part: "spec" | "status", field: string): number {
  return Number(fieldAt(object, part, field) ?? 0);
}

function containers(object: ApiObject, field: "name" | "image"): string {
  const list = (fieldAt(object, "spec", "template", "spec", "containers") as readonly Fields[] | undefined) ?? [];
  return list.map((container) => String(container[field])).join(",");
}

function selectorText(object: ApiObject): string {
  return selectorOf(object) || "<none>";
}

function selectorOf(object: ApiObject): string {
  const compiled = compileSelector((fieldAt(object, "spec", "selector") ?? {}) as LabelSelector);
  return compiled.ok ? compiled.value.requirements.map(formatRequirement).join(",") : "";
}
