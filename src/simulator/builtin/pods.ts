import type { Pod } from "../../core/kube/pod.ts";
import { type ApiObject, fieldAt, isRecord, sameJson, withMeta, withoutUndefined } from "../apiObject.ts";
import { badRequest, conflict } from "../apiStatus.ts";
import { type ActionSubresource, builtin } from "../resourceDefinition.ts";
import { readDeleteOptions } from "../verbs/act.ts";
import { podColumns } from "./podColumns.ts";
import { withAdmissionDefaults, withPodDefaults, withTolerations } from "./podDefaults.ts";
import { qosClassOf } from "./podQuality.ts";
import { podUpdateErrors } from "./podUpdateRule.ts";
import { podErrors } from "./podValidation.ts";
import { statusOf } from "./statusSubresource.ts";

const binding: ActionSubresource = {
  type: "action",
  verbs: ["create"],
  kind: { group: "", version: "v1", kind: "Binding" },
  act: (body, object, { now }) => ({ do: "replace", object: bound(body, object, now) }),
};

const eviction: ActionSubresource = {
  type: "action",
  verbs: ["create"],
  kind: { group: "policy", version: "v1", kind: "Eviction" },
  act: (body) => ({ do: "delete", options: readDeleteOptions(body.deleteOptions) }),
};

export const POD = builtin({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  namespaced: true,
  shortNames: ["po"],
  categories: ["all"],
  decode: withPodDefaults,
  columns: podColumns,
  strategy: {
    unconditionalUpdate: true,
    returnsDeleted: true,
    admitCreate: withAdmissionDefaults,
    admitUpdate: withTolerations,
    prepareForCreate: (object, { now }) => ({ ...object, status: firstStatus(object, now) }),
    prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
    validateCreate: (object) => podErrors(asPod(object)),
    validateUpdate: (object, old) => podUpdateErrors(asPod(object), asPod(old)),
    generationOf: (object) => object.spec,
    gracePeriodOf: (object, requested) => gracePeriod(asPod(object), requested),
    selectableFields: {
      "spec.nodeName": (object) => String(fieldAt(object, "spec", "nodeName") ?? ""),
      "spec.restartPolicy": (object) => String(fieldAt(object, "spec", "restartPolicy") ?? ""),
      "spec.schedulerName": (object) => String(fieldAt(object, "spec", "schedulerName") ?? ""),
      "spec.serviceAccountName": (object) => String(fieldAt(object, "spec", "serviceAccountName") ?? ""),
      "spec.hostNetwork": (object) => String(fieldAt(object, "spec", "hostNetwork") ?? false),
      "status.phase": (object) => String(fieldAt(object, "status", "phase") ?? ""),
      "status.podIP": (object) => String(fieldAt(object, "status", "podIP") ?? ""),
      "status.nominatedNodeName": (object) => String(fieldAt(object, "status", "nominatedNodeName") ?? ""),
    },
  },
  subresources: {
    status: statusOf({ metadataToo: true, finish: keepStatusFields }),
    binding,
    eviction,
    log: { type: "log", verbs: ["get"] },
  },
});

function firstStatus(object: ApiObject, now: string): Record<string, unknown> {
  const pod = asPod(object);
  const gates = (pod.spec.schedulingGates as readonly unknown[] | undefined) ?? [];
  const gated = {
    type: "PodScheduled",
    status: "False",
    reason: "SchedulingGated",
    message: "Scheduling is blocked due to non-empty scheduling gates",
    lastProbeTime: null,
    lastTransitionTime: now,
  };
  return {
    phase: "Pending",
    ...(gates.length > 0 ? { conditions: [gated] } : {}),
    qosClass: qosClassOf([...pod.spec.containers, ...(pod.spec.initContainers ?? [])]),
  };
}

/** The class is decided at creation, and a status that says nothing about observed generations does not forget them. */
function keepStatusFields(object: ApiObject, old: ApiObject): ApiObject {
  const status = isRecord(object.status) ? object.status : {};
  const before = isRecord(old.status) ? old.status : {};
  return {
    ...object,
    status: withoutUndefined({
      ...status,
      qosClass: status.qosClass ?? before.qosClass,
      observedGeneration: status.observedGeneration ?? before.observedGeneration,
      conditions: completedConditions(status.conditions, before.conditions),
    }),
  };
}

function completedConditions(conditions: unknown, before: unknown): unknown {
  if (!Array.isArray(conditions)) return conditions;
  const old = Array.isArray(before) ? before.filter(isRecord) : [];
  return conditions.map((condition) => {
    if (!isRecord(condition)) return condition;
    const observed =
      condition.observedGeneration ?? old.find(({ type }) => type === condition.type)?.observedGeneration;
    // The two times are written even when nobody gave them.
    const timed = { lastProbeTime: null, lastTransitionTime: null, ...condition };
    return observed === undefined ? timed : { ...timed, observedGeneration: observed };
  });
}

/** A pod without a node, or one that has ended, goes at once. */
function gracePeriod({ spec, status }: Pod, requested: number | undefined): number {
  if ((spec.nodeName ?? "") === "") return 0;
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return 0;
  const period = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return period < 0 ? 1 : period;
}

function bound(body: ApiObject, object: ApiObject, now: string): ApiObject {
  const pod = asPod(object);
  const name = object.metadata.name!;
  const node = fieldAt(body, "target", "name");
  if (typeof node !== "string" || node === "") throw badRequest("target.name of the binding must name a node");
  const refusal = bindingProblem(pod);
  if (refusal) throw conflict({ group: "", plural: "pods/binding" }, name, refusal);
  const conditions = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const annotations = { ...object.metadata.annotations, ...body.metadata.annotations };
  return withMeta(
    {
      ...object,
      spec: { ...pod.spec, nodeName: node },
      status: {
        ...pod.status,
        conditions: [
          ...conditions,
          { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now },
        ],
      },
    },
    {
      annotations: sameJson(annotations, {}) ? undefined : annotations,
      labels: body.metadata.labels ? { ...object.metadata.labels, ...body.metadata.labels } : object.metadata.labels,
    },
  );
}

function bindingProblem({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp) return `pod ${metadata.name} is being deleted, cannot be assigned to a host`;
  if ((spec.nodeName ?? "") !== "") return `pod ${metadata.name} is already assigned to node "${spec.nodeName}"`;
  const gates = (spec.schedulingGates as readonly unknown[] | undefined) ?? [];
  return gates.length > 0 ? `pod ${metadata.name} has non-empty .spec.schedulingGates` : undefined;
}

/** Only after decoding, which refuses what has no containers. */
function asPod(object: ApiObject): Pod {
  return object as unknown as Pod;
}
