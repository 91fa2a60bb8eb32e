import type { FieldError } from "../../core/result.ts";
import { type ApiObject, fieldAt, isRecord } from "../apiObject.ts";
import { builtin } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, numberColumn, textColumn } from "../table/columns.ts";
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

export const DAEMON_SET = builtin({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  namespaced: true,
  shortNames: ["ds"],
  categories: ["all"],
  decode: (object) => withSpec(object, withDefaults),
  columns: [
    nameColumn,
    numberColumn("Desired", (object) => count(object, "status", "desiredNumberScheduled")),
    numberColumn("Current", (object) => count(object, "status", "currentNumberScheduled")),
    numberColumn("Ready", (object) => count(object, "status", "numberReady")),
    numberColumn("Up-to-date", (object) => count(object, "status", "updatedNumberScheduled")),
    numberColumn("Available", (object) => count(object, "status", "numberAvailable")),
    textColumn("Node Selector", nodeSelectorText),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  strategy: {
    unconditionalUpdate: true,
    prepareForCreate: (object) => ({ ...object, status: NOTHING_YET }),
    prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
    validateCreate: errors,
    validateUpdate: (object, old) => [...errors(object), ...selectorChange(object, old)],
    generationOf: (object) => object.spec,
  },
  subresources: { status: statusOf({ metadataToo: true }) },
});

const NOTHING_YET = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };

function withDefaults(spec: Fields): Fields {
  const strategy = isRecord(spec.updateStrategy) ? spec.updateStrategy : {};
  const type = strategy.type ?? "RollingUpdate";
  const rollingUpdate = {
    maxUnavailable: 1,
    maxSurge: 0,
    ...(isRecord(strategy.rollingUpdate) ? strategy.rollingUpdate : {}),
  };
  return {
    revisionHistoryLimit: 10,
    ...spec,
    updateStrategy: { ...strategy, type, ...(type === "RollingUpdate" ? { rollingUpdate } : {}) },
  };
}

function errors(object: ApiObject): FieldError[] {
  const spec = isRecord(object.spec) ? object.spec : {};
  const surge = fieldAt(spec, "updateStrategy", "rollingUpdate", "maxSurge");
  const surges = surge !== undefined && surge !== 0 && surge !== "0%";
  const field = "spec.updateStrategy.rollingUpdate.maxSurge";
  return [
    ...selectorProblems(spec, "daemonset"),
    ...templateErrors(spec),
    ...(surges ? [{ field, type: "FieldValueForbidden", detail: NO_SURGE } as const] : []),
  ];
}

const NO_SURGE = "the embedded cluster does not surge DaemonSets: give 0";

function nodeSelectorText(object: ApiObject): string {
  const selector = fieldAt(object, "spec", "template", "spec", "nodeSelector");
  const pairs = Object.entries(isRecord(selector) ? selector : {}).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.sort().join(",") || "<none>";
}
