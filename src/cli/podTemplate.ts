import { isJsonObject, type Json, type JsonObject, type KubeObject } from "../core/kube/object.ts";

/** Kind → where its pods are described. */
const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  CloneSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** Whether objects of this kind are pods or make pods. */
export function hasPods({ kind }: KubeObject): boolean {
  return TEMPLATE_PATHS[kind] !== undefined;
}

/** The field that holds the pod, for messages. */
export function podTemplateField({ kind }: KubeObject): string {
  return (TEMPLATE_PATHS[kind] ?? []).join(".");
}

/** The pod that the object is or makes; undefined for a kind without pods, and where the template is missing. */
export function podTemplateOf(object: KubeObject): JsonObject | undefined {
  const path = TEMPLATE_PATHS[object.kind];
  if (!path) return undefined;
  let template: unknown = object;
  for (const field of path) template = isJsonObject(template) ? template[field] : undefined;
  if (!isJsonObject(template)) return undefined;
  return template.metadata === undefined ? { metadata: {}, ...template } : template;
}

/** The object with another pod in its place. */
export function withPodTemplate(object: KubeObject, template: JsonObject): KubeObject {
  return replaceAt(
    object as unknown as JsonObject,
    TEMPLATE_PATHS[object.kind] ?? [],
    template,
  ) as unknown as KubeObject;
}

function replaceAt(object: JsonObject, [field, ...rest]: readonly string[], value: JsonObject): Json {
  if (field === undefined) return value;
  return { ...object, [field]: replaceAt(object[field] as JsonObject, rest, value) };
}
