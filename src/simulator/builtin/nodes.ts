import { type ApiObject, fieldAt } from "../apiObject.ts";
import { builtin } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, textColumn } from "../table/columns.ts";
import { statusOf } from "./statusSubresource.ts";

const ROLE = "node-role.kubernetes.io/";

export const NODE = builtin({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  namespaced: false,
  shortNames: ["no"],
  columns: [
    nameColumn,
    textColumn("Status", statusText),
    textColumn("Roles", rolesText),
    ageColumn,
    textColumn("Version", (object) => fieldAt(object, "status", "nodeInfo", "kubeletVersion") ?? ""),
    textColumn("Internal-IP", (object) => addressOf(object, "InternalIP"), 1),
    textColumn("External-IP", (object) => addressOf(object, "ExternalIP"), 1),
    textColumn("OS-Image", (object) => nodeInfo(object, "osImage"), 1),
    textColumn("Kernel-Version", (object) => nodeInfo(object, "kernelVersion"), 1),
    textColumn("Container-Runtime", (object) => nodeInfo(object, "containerRuntimeVersion"), 1),
  ],
  strategy: {
    unconditionalUpdate: true,
    prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
    selectableFields: {
      "spec.unschedulable": (object) => String(fieldAt(object, "spec", "unschedulable") ?? false),
    },
  },
  subresources: { status: statusOf({ metadataToo: true }) },
});

interface Typed {
  readonly type: string;
  readonly status?: string;
  readonly address?: string;
}

function statusText(object: ApiObject): string {
  const conditions = (fieldAt(object, "status", "conditions") as readonly Typed[] | undefined) ?? [];
  const ready = conditions.find(({ type }) => type === "Ready");
  const state = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return fieldAt(object, "spec", "unschedulable") ? `${state},SchedulingDisabled` : state;
}

function rolesText({ metadata }: ApiObject): string {
  const roles = Object.keys(metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE))
    .map((label) => label.slice(ROLE.length))
    .sort();
  return roles.length > 0 ? roles.join(",") : "<none>";
}

function addressOf(object: ApiObject, type: string): string {
  const addresses = (fieldAt(object, "status", "addresses") as readonly Typed[] | undefined) ?? [];
  return addresses.find((address) => address.type === type)?.address ?? "<none>";
}

function nodeInfo(object: ApiObject, field: string): unknown {
  return fieldAt(object, "status", "nodeInfo", field) || "<unknown>";
}
