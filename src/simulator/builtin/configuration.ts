import type { FieldError } from "../../core/result.ts";
import { type ApiObject, fieldAt, isRecord, sameJson } from "../apiObject.ts";
import { builtin } from "../resourceDefinition.ts";
import { age, ageColumn, nameColumn, numberColumn, textColumn } from "../table/columns.ts";

const KEY = /^[-._a-zA-Z0-9]+$/;

export const CONFIG_MAP = builtin({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
  shortNames: ["cm"],
  columns: [nameColumn, numberColumn("Data", (object) => sizeOf(object.data) + sizeOf(object.binaryData)), ageColumn],
  strategy: {
    unconditionalUpdate: true,
    validateCreate: (object) => keyErrors(object.data, "data"),
    validateUpdate: (object, old) => [...immutableErrors(object, old), ...keyErrors(object.data, "data")],
  },
});

export const SECRET = builtin({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
  decode: withEncodedStrings,
  columns: [
    nameColumn,
    textColumn("Type", (object) => object.type),
    numberColumn("Data", (object) => sizeOf(object.data)),
    ageColumn,
  ],
  strategy: {
    unconditionalUpdate: true,
    validateCreate: (object) => keyErrors(object.data, "data"),
    validateUpdate: (object, old) => [
      ...immutableErrors(object, old),
      ...(object.type === old.type ? [] : [immutableField("type", object.type)]),
      ...keyErrors(object.data, "data"),
    ],
    selectableFields: { type: (object) => String(object.type ?? "") },
  },
});

export const SERVICE_ACCOUNT = builtin({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  namespaced: true,
  shortNames: ["sa"],
  columns: [
    nameColumn,
    numberColumn("Secrets", (object) => (object.secrets as readonly unknown[] | undefined)?.length ?? 0),
    ageColumn,
  ],
});

export const LEASE = builtin({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
  columns: [nameColumn, textColumn("Holder", (object) => fieldAt(object, "spec", "holderIdentity") ?? ""), ageColumn],
  strategy: {
    unconditionalUpdate: false,
    createOnUpdate: true,
    validateCreate: leaseErrors,
    validateUpdate: leaseErrors,
  },
});

export const CONTROLLER_REVISION = builtin({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  namespaced: true,
  columns: [
    nameColumn,
    textColumn("Controller", ({ metadata }) => {
      const owner = metadata.ownerReferences?.find((reference) => reference.controller);
      const [group = "", version] = (owner?.apiVersion ?? "").split("/");
      const suffix = version === undefined ? "" : `.${group}`;
      return owner ? `${owner.kind.toLowerCase()}${suffix}/${owner.name}` : "<none>";
    }),
    numberColumn("Revision", (object) => object.revision),
    ageColumn,
  ],
  strategy: {
    unconditionalUpdate: true,
    validateCreate: revisionErrors,
    validateUpdate: (object, old) => [
      ...revisionErrors(object),
      ...(sameJson(object.data, old.data) ? [] : [immutableField("data", object.data)]),
    ],
  },
});

export const EVENT = builtin({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  namespaced: true,
  shortNames: ["ev"],
  columns: [
    { ...textColumn("Last Seen", (object, now) => age(lastSeen(object), now)) },
    textColumn("Type", (object) => object.type ?? ""),
    textColumn("Reason", (object) => object.reason ?? ""),
    textColumn("Object", (object) => {
      const kind = String(fieldAt(object, "involvedObject", "kind") ?? "").toLowerCase();
      return `${kind}/${String(fieldAt(object, "involvedObject", "name") ?? "")}`;
    }),
    textColumn("Subobject", (object) => fieldAt(object, "involvedObject", "fieldPath") ?? "", 1),
    textColumn("Source", (object) => fieldAt(object, "source", "component") ?? object.reportingComponent ?? "", 1),
    textColumn("Message", (object) => String(object.message ?? "").trim()),
    textColumn("First Seen", (object, now) => age((object.firstTimestamp ?? object.eventTime) as string, now), 1),
    textColumn("Count", (object) => String(object.count ?? 1), 1),
    { ...nameColumn, priority: 1 },
  ],
  strategy: {
    validateCreate: eventNamespaceErrors,
    unconditionalUpdate: true,
    createOnUpdate: true,
    selectableFields: Object.fromEntries(
      [
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "type",
      ].map((path) => [path, (object: ApiObject) => String(fieldAt(object, ...path.split(".")) ?? "")]),
    ),
  },
});

function lastSeen(object: ApiObject): string | undefined {
  const series = fieldAt(object, "series", "lastObservedTime");
  return (series ?? object.lastTimestamp ?? object.firstTimestamp ?? object.eventTime) as string | undefined;
}

/** `stringData` is a convenience for writing: it ends up in `data`, encoded. */
function withEncodedStrings(object: ApiObject): ApiObject {
  const { stringData, ...rest } = object;
  const secret = { ...rest, type: rest.type ?? "Opaque" } as ApiObject;
  if (!isRecord(stringData)) return secret;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString("base64")]);
  return { ...secret, data: { ...(isRecord(secret.data) ? secret.data : {}), ...Object.fromEntries(encoded) } };
}

function sizeOf(map: unknown): number {
  return isRecord(map) ? Object.keys(map).length : 0;
}

function keyErrors(map: unknown, field: string): FieldError[] {
  return Object.keys(isRecord(map) ? map : {})
    .filter((key) => !KEY.test(key) || key.length > 253)
    .map((key) => ({
      field: `${field}[${key}]`,
      type: "FieldValueInvalid",
      value: key,
      detail:
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    }));
}

function immutableErrors(object: ApiObject, old: ApiObject): FieldError[] {
  if (old.immutable !== true) return [];
  const detail = "field is immutable when `immutable` is set";
  return ["immutable", "data", "binaryData"]
    .filter((field) => !sameJson(object[field], old[field]))
    .map((field) => ({ field, type: "FieldValueForbidden", detail }));
}

function immutableField(field: string, value: unknown): FieldError {
  return { field, type: "FieldValueInvalid", value, detail: "field is immutable" };
}

function leaseErrors(object: ApiObject): FieldError[] {
  const seconds = fieldAt(object, "spec", "leaseDurationSeconds");
  const field = "spec.leaseDurationSeconds";
  return typeof seconds === "number" && seconds <= 0
    ? [{ field, type: "FieldValueInvalid", value: seconds, detail: "must be greater than 0" }]
    : [];
}

function revisionErrors(object: ApiObject): FieldError[] {
  const errors: FieldError[] = [];
  if (typeof object.revision === "number" && object.revision < 0) {
    const detail = "must be greater than or equal to 0";
    errors.push({ field: "revision", type: "FieldValueInvalid", value: object.revision, detail });
  }
  if (object.data === undefined || object.data === null) {
    errors.push({ field: "data", type: "FieldValueRequired", detail: "data is mandatory" });
  }
  return errors;
}

/** An event stands beside what it is about; only what has no namespace is spoken of in `default`. */
function eventNamespaceErrors(event: ApiObject): FieldError[] {
  const about = String(fieldAt(event, "involvedObject", "namespace") ?? "");
  const own = event.metadata.namespace;
  if (about === own || (about === "" && own === "default")) return [];
  const detail = "does not match event.namespace";
  return [{ field: "involvedObject.namespace", type: "FieldValueInvalid", value: about, detail }];
}
