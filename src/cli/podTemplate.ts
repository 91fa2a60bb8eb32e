import { isJsonObject, type Json, type JsonObject, type KubeObject } from "../core/kube/object.ts";

type Path = readonly string[];

const POD: Path = [];
const TEMPLATE: Path = ["spec", "template"];
const JOB_TEMPLATE: Path = ["spec", "jobTemplate", "spec", "template"];

/** Group/kind → where its pods are described. An object of these kinds without it is broken. */
const KNOWN: Readonly<Record<string, Path>> = {
  "/Pod": POD,
  "/PodTemplate": ["template"],
  "/ReplicationController": TEMPLATE,
  "apps/Deployment": TEMPLATE,
  "apps/ReplicaSet": TEMPLATE,
  "apps/StatefulSet": TEMPLATE,
  "apps/DaemonSet": TEMPLATE,
  "batch/Job": TEMPLATE,
  "batch/CronJob": JOB_TEMPLATE,
  "apps.kruise.io/CloneSet": TEMPLATE,
  "apps.kruise.io/StatefulSet": TEMPLATE,
  "apps.kruise.io/DaemonSet": TEMPLATE,
  "apps.kruise.io/BroadcastJob": TEMPLATE,
};

/**
 * Where any other kind would describe its pods: Rollouts of Argo and what else follows Deployment or CronJob; an AdvancedCronJob has
 * one of two, a UnitedDeployment one of four.
 */
const USUAL: readonly Path[] = [
  TEMPLATE,
  JOB_TEMPLATE,
  ...["jobTemplate", "broadcastJobTemplate"].map((field) => [...TEMPLATE, field, "spec", "template"]),
  ...["statefulSetTemplate", "advancedStatefulSetTemplate", "cloneSetTemplate", "deploymentTemplate"].map((field) => [
    ...TEMPLATE,
    field,
    "spec",
    "template",
  ]),
];

/** Where an object describes the pod that it is or makes; undefined for an object without pods. */
export function podPath(object: Pick<KubeObject, "apiVersion" | "kind">): Path | undefined {
  const group = object.apiVersion.includes("/") ? object.apiVersion.slice(0, object.apiVersion.indexOf("/")) : "";
  return KNOWN[`${group}/${object.kind}`] ?? USUAL.find((path) => hasContainers(valueAt(object, path)));
}

/** The pod at this place of the object; undefined when there is none. */
export function podTemplateOf(object: KubeObject, path: Path): JsonObject | undefined {
  const template = valueAt(object, path);
  if (!isJsonObject(template)) return undefined;
  const { metadata, ...rest } = template;
  return metadata === undefined || metadata === null ? { metadata: {}, ...rest } : template;
}

/** The object with another pod in that place. */
export function withPodTemplate(object: KubeObject, path: Path, template: JsonObject): KubeObject {
  return replaceAt(object as unknown as JsonObject, path, template) as unknown as KubeObject;
}

function hasContainers(template: unknown): boolean {
  return isJsonObject(template) && isJsonObject(template.spec) && Array.isArray(template.spec.containers);
}

function valueAt(object: unknown, path: Path): unknown {
  return path.reduce((value, field) => (isJsonObject(value) ? value[field] : undefined), object);
}

function replaceAt(object: JsonObject, [field, ...rest]: Path, value: JsonObject): Json {
  if (field === undefined) return value;
  return { ...object, [field]: replaceAt(object[field] as JsonObject, rest, value) };
}
