import type { FieldError } from "../../core/result.ts";
import { type ApiObject, fieldAt, isRecord, sameJson, withoutUndefined } from "../apiObject.ts";
import { builtin } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, textColumn } from "../table/columns.ts";
import { scaleOf } from "./scaleSubresource.ts";
import { statusOf } from "./statusSubresource.ts";
import { count, type Fields, selectorProblems, templateColumns, templateErrors, withSpec } from "./templateRules.ts";

export const STATEFUL_SET = builtin({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  namespaced: true,
  shortNames: ["sts"],
  categories: ["all"],
  decode: (object) => withSpec(object, withDefaults),
  columns: [
    nameColumn,
    textColumn("Ready", (object) => `${count(object, "status", "readyReplicas")}/${count(object, "spec", "replicas")}`),
    ageColumn,
    ...templateColumns,
  ],
  strategy: {
    unconditionalUpdate: true,
    prepareForCreate: (object) => ({ ...object, status: { replicas: 0, availableReplicas: 0 } }),
    prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
    validateCreate: errors,
    validateUpdate: (object, old) => [...errors(object), ...forbiddenChange(object, old)],
    generationOf: (object) => object.spec,
  },
  subresources: { status: statusOf({ metadataToo: true }), scale: scaleOf() },
});

function withDefaults(spec: Fields): Fields {
  const strategy = isRecord(spec.updateStrategy) ? spec.updateStrategy : {};
  const type = strategy.type ?? "RollingUpdate";
  const rollingUpdate = { partition: 0, ...(isRecord(strategy.rollingUpdate) ? strategy.rollingUpdate : {}) };
  return {
    podManagementPolicy: "OrderedReady",
    replicas: 1,
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    ...spec,
    updateStrategy: { ...strategy, type, ...(type === "RollingUpdate" ? { rollingUpdate } : {}) },
  };
}

function errors(object: ApiObject): FieldError[] {
  const spec = isRecord(object.spec) ? object.spec : {};
  const { replicas, volumeClaimTemplates } = spec;
  const negative = typeof replicas === "number" && replicas < 0;
  const claims = Array.isArray(volumeClaimTemplates) && volumeClaimTemplates.length > 0;
  return [
    ...(negative
      ? [{ field: "spec.replicas", type: "FieldValueInvalid", value: replicas, detail: NEGATIVE } as const]
      : []),
    ...(claims
      ? [{ field: "spec.volumeClaimTemplates", type: "FieldValueForbidden", detail: NO_CLAIMS } as const]
      : []),
    ...selectorProblems(spec, "statefulset"),
    ...templateErrors(spec),
  ];
}

const NEGATIVE = "must be greater than or equal to 0";
const NO_CLAIMS = "the embedded cluster has no persistent volumes";

/** Fields a StatefulSet may still change. */
const CHANGEABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

function forbiddenChange(object: ApiObject, old: ApiObject): FieldError[] {
  const fixed = (one: ApiObject): unknown =>
    withoutUndefined({ ...(one.spec as Fields), ...Object.fromEntries(CHANGEABLE.map((field) => [field, undefined])) });
  if (fieldAt(old, "spec") === undefined || sameJson(fixed(object), fixed(old))) return [];
  const named = CHANGEABLE.map((field) => `'${field}'`);
  const list = `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
  const detail = `updates to statefulset spec for fields other than ${list} are forbidden`;
  return [{ field: "spec", type: "FieldValueForbidden", detail }];
}
