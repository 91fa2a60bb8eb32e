import { isRecord } from "../apiObject.ts";
import { badRequest } from "../apiStatus.ts";

type JsonType = "string" | "number" | "bool" | "array" | "object";
type Shape = Readonly<Record<string, JsonType>>;

const CONTAINER: Shape = {
  args: "array",
  command: "array",
  env: "array",
  envFrom: "array",
  image: "string",
  imagePullPolicy: "string",
  lifecycle: "object",
  livenessProbe: "object",
  name: "string",
  ports: "array",
  readinessProbe: "object",
  resources: "object",
  restartPolicy: "string",
  securityContext: "object",
  startupProbe: "object",
  stdin: "bool",
  terminationMessagePath: "string",
  terminationMessagePolicy: "string",
  tty: "bool",
  volumeDevices: "array",
  volumeMounts: "array",
  workingDir: "string",
};
const POD_SPEC: Shape = {
  activeDeadlineSeconds: "number",
  containers: "array",
  dnsPolicy: "string",
  hostNetwork: "bool",
  imagePullSecrets: "array",
  initContainers: "array",
  nodeName: "string",
  nodeSelector: "object",
  readinessGates: "array",
  restartPolicy: "string",
  schedulerName: "string",
  schedulingGates: "array",
  securityContext: "object",
  serviceAccountName: "string",
  terminationGracePeriodSeconds: "number",
  tolerations: "array",
  volumes: "array",
};
/** Lists of the spec whose items have a shape of their own. */
const ITEMS: Readonly<Record<string, { readonly goType: string; readonly shape: Shape }>> = {
  containers: { goType: "Container", shape: CONTAINER },
  initContainers: { goType: "Container", shape: CONTAINER },
  volumes: { goType: "Volume", shape: { name: "string" } },
};
const ITEM_ITEMS: Readonly<Record<string, { readonly goType: string; readonly shape: Shape }>> = {
  env: { goType: "EnvVar", shape: { name: "string", value: "string", valueFrom: "object" } },
  ports: { goType: "ContainerPort", shape: { containerPort: "number", name: "string", protocol: "string" } },
  volumeMounts: { goType: "VolumeMount", shape: { mountPath: "string", name: "string", subPath: "string" } },
};

export interface SpecPlace {
  readonly kind: string;
  readonly version: string;
  /** `spec`, or `spec.template.spec`. */
  readonly path: string;
}

/** Refuses a pod's spec whose fields are of the wrong JSON type, in the words of Go's decoder. What is not listed is not looked at. */
export function checkPodSpecShape(spec: unknown, place: SpecPlace): void {
  if (spec === undefined || spec === null) return;
  if (!isRecord(spec)) throw refusal(place, { goType: place.kind, path: place.path, type: "object" }, spec);
  checkFields(spec, { goType: "PodSpec", shape: POD_SPEC }, place.path, place);
  checkItems(spec, ITEMS, place.path, place);
}

function checkItems(
  owner: Readonly<Record<string, unknown>>,
  lists: typeof ITEMS,
  path: string,
  place: SpecPlace,
): void {
  for (const [field, item] of Object.entries(lists)) {
    const list = owner[field];
    for (const entry of Array.isArray(list) ? list : []) {
      const itemPath = `${path}.${field}`;
      if (!isRecord(entry)) throw refusal(place, { goType: item.goType, path: itemPath, type: "object" }, entry);
      checkFields(entry, item, itemPath, place);
      if (item.goType === "Container") checkItems(entry, ITEM_ITEMS, itemPath, place);
    }
  }
}

function checkFields(
  object: Readonly<Record<string, unknown>>,
  { goType, shape }: { readonly goType: string; readonly shape: Shape },
  path: string,
  place: SpecPlace,
): void {
  for (const [field, value] of Object.entries(object)) {
    const type = Object.hasOwn(shape, field) ? shape[field] : undefined;
    if (type === undefined || value === null || value === undefined || jsonType(value) === type) continue;
    throw refusal(place, { goType, path: `${path}.${field}`, type }, value);
  }
}

function refusal(
  { kind, version }: SpecPlace,
  { goType, path, type }: { readonly goType: string; readonly path: string; readonly type: JsonType },
  value: unknown,
): Error {
  const cause = `json: cannot unmarshal ${jsonType(value)} into Go struct field ${goType}.${path} of type ${type}`;
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${cause}`);
}

function jsonType(value: unknown): JsonType {
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "string" || type === "number" ? type : type === "boolean" ? "bool" : "object";
}
