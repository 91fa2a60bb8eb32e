import { type ApiObject, fieldAt, isRecord } from "../apiObject.ts";
import { badRequest } from "../apiStatus.ts";
import type { ViewSubresource } from "../resourceDefinition.ts";
import { selectorOf } from "./templateRules.ts";

/** Where a kind keeps what a Scale shows of it. */
export interface ScalePlaces {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** The pods' selector as text. */
  readonly selector: (object: ApiObject) => string;
}

const USUAL: ScalePlaces = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: selectorOf,
};

/** `scale`: replicas by a small object of its own, for `kubectl scale` and autoscalers. */
export function scaleOf({ specReplicas, statusReplicas, selector }: ScalePlaces = USUAL): ViewSubresource {
  const count = (object: ApiObject, place: readonly string[]): number => Number(fieldAt(object, ...place) ?? 0);
  return {
    type: "view",
    verbs: ["get", "patch", "update"],
    kind: { group: "autoscaling", version: "v1", kind: "Scale" },
    read: (object) => {
      const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
      const replicas = count(object, specReplicas);
      return {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as ApiObject["metadata"],
        spec: replicas === 0 ? {} : { replicas },
        status: { replicas: count(object, statusReplicas), selector: selector(object) },
      };
    },
    write: (body, object) => {
      const replicas = fieldAt(body, "spec", "replicas") ?? 0;
      if (typeof replicas !== "number") throw badRequest("spec.replicas of a Scale is a number");
      return withField(object, specReplicas, replicas) as ApiObject;
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

function withField(value: unknown, [field, ...below]: readonly string[], content: unknown): unknown {
  if (field === undefined) return content;
  const object = isRecord(value) ? value : {};
  return { ...object, [field]: withField(object[field], below, content) };
}
