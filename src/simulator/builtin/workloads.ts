import type { FieldError } from "../../core/result.ts";
import { type ApiObject, isRecord } from "../apiObject.ts";
import { builtin } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, numberColumn, textColumn } from "../table/columns.ts";
import { scaleOf } from "./scaleSubresource.ts";
import { statusOf } from "./statusSubresource.ts";
import {
  count,
  type Fields,
  selectorChange,
  selectorColumn,
  selectorProblems,
  templateColumns,
  templateErrors,
  withSpec,
} from "./templateRules.ts";

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
    selectorColumn,
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
    selectorColumn,
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
