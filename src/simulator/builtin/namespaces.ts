import { type ApiObject, fieldAt, withMeta } from "../apiObject.ts";
import { forbidden } from "../apiStatus.ts";
import { builtin, type StrategyContext, type TableColumn } from "../resourceDefinition.ts";
import { ageColumn, nameColumn } from "../table/columns.ts";
import { statusOf } from "./statusSubresource.ts";

const FINALIZER = "kubernetes";
const PROTECTED = ["default", "kube-system", "kube-public"];

const columns: readonly TableColumn[] = [
  nameColumn,
  {
    name: "Status",
    type: "string",
    description: "The status of the namespace",
    priority: 0,
    value: (object) => fieldAt(object, "status", "phase") ?? "",
  },
  ageColumn,
];

/** A deleted namespace stays, Terminating, until the namespace controller has emptied it and takes its finalizer off (`finalize`). */
export const NAMESPACE = builtin({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
  shortNames: ["ns"],
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  decode: withNameLabel,
  columns,
  strategy: {
    unconditionalUpdate: true,
    returnsDeleted: true,
    prepareForCreate: (object) => ({
      ...object,
      spec: { finalizers: [FINALIZER] },
      status: { phase: "Active" },
    }),
    prepareForUpdate: (object, old) => ({ ...object, spec: old.spec, status: old.status }),
    isKept: (object) => ((fieldAt(object, "spec", "finalizers") as readonly string[] | undefined) ?? []).length > 0,
    markDeleted: (object) => ({ ...object, status: { ...(object.status as object), phase: "Terminating" } }),
    admitDelete({ metadata }) {
      if (!PROTECTED.includes(metadata.name!)) return;
      throw forbidden({ group: "", plural: "namespaces" }, metadata.name!, "this namespace may not be deleted");
    },
    selectableFields: { "status.phase": (object) => String(fieldAt(object, "status", "phase") ?? "") },
  },
  subresources: {
    status: statusOf({ metadataToo: true }),
    finalize: {
      type: "view",
      verbs: ["update"],
      read: (object) => object,
      write: (body, object) => ({ ...object, spec: { ...(object.spec as object), ...(body.spec as object) } }),
      changesGeneration: false,
    },
  },
});

export function initialNamespaces({ now, newUid }: StrategyContext): ApiObject[] {
  return ["default", "kube-node-lease", "kube-public", "kube-system"].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      uid: newUid(),
      creationTimestamp: now,
      labels: { [NAME_LABEL]: name },
    },
    spec: { finalizers: [FINALIZER] },
    status: { phase: "Active" },
  }));
}

const NAME_LABEL = "kubernetes.io/metadata.name";

function withNameLabel(object: ApiObject): ApiObject {
  const { name, labels } = object.metadata;
  return name === undefined || name === "" ? object : withMeta(object, { labels: { ...labels, [NAME_LABEL]: name } });
}
