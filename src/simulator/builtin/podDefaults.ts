import { effectiveTag } from "../../core/kube/imageReference.ts";
import { type ApiObject, isRecord } from "../apiObject.ts";
import { badRequest } from "../apiStatus.ts";
import { checkPodSpecShape } from "./podShape.ts";

/** Any JSON object of a pod's spec: defaulting looks at a few fields and leaves the rest alone. */
type Fields = Readonly<Record<string, unknown>>;

/** The defaults of a pod. Only what is not there is filled in, so that defaulting twice changes nothing. */
export function withPodDefaults(pod: ApiObject): ApiObject {
  checkPodSpecShape(pod.spec, { kind: pod.kind, version: pod.apiVersion, path: "spec" });
  const spec = withPodSpecDefaults(isRecord(pod.spec) ? pod.spec : {});
  const containers = (list: unknown): Fields[] => eachRecord(list, withRequestsFromLimits);
  return {
    ...pod,
    spec: {
      enableServiceLinks: true,
      ...spec,
      containers: containers(spec.containers),
      ...(spec.initContainers === undefined ? {} : { initContainers: containers(spec.initContainers) }),
    },
  };
}

/** The defaults a pod template shares with a pod. */
export function withPodSpecDefaults(spec: Fields): Fields {
  return {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
    ...present(spec),
    ...withDeprecatedServiceAccount(spec),
    containers: eachRecord(spec.containers ?? [], withContainerDefaults),
    ...(isEmptyList(spec.initContainers)
      ? {}
      : { initContainers: eachRecord(spec.initContainers, withContainerDefaults) }),
    ...(isEmptyList(spec.volumes) ? {} : { volumes: eachRecord(spec.volumes, withVolumeDefaults) }),
  };
}

/** Built-in admission on creation: the service account, the priority and how long a lost node is tolerated. */
export function withAdmissionDefaults(pod: ApiObject): ApiObject {
  if (!isRecord(pod.spec)) return pod;
  const account = pod.spec.serviceAccountName ?? "default";
  return withTolerations({
    ...pod,
    spec: {
      ...pod.spec,
      serviceAccountName: account,
      serviceAccount: account,
      priority: pod.spec.priority ?? 0,
      preemptionPolicy: pod.spec.preemptionPolicy ?? "PreemptLowerPriority",
    },
  });
}

/** A lost node is tolerated for five minutes, also after an update that says nothing about it. */
export function withTolerations(pod: ApiObject): ApiObject {
  if (!isRecord(pod.spec)) return pod;
  const tolerations = (pod.spec.tolerations as readonly Fields[] | undefined) ?? [];
  const added = NODE_PROBLEMS.filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)));
  if (added.length === 0) return pod;
  return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added.map(toleration)] } };
}

const NODE_PROBLEMS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

function toleration(key: string): Fields {
  return { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 };
}

function tolerates(toleration: Fields, key: string): boolean {
  const effect = toleration.effect ?? "";
  return ((toleration.key ?? "") === key || (toleration.key ?? "") === "") && (effect === "" || effect === "NoExecute");
}

function withContainerDefaults(container: Fields): Fields {
  return {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicyOf(container.image),
    ...present(container),
    ...(isEmptyList(container.ports)
      ? {}
      : { ports: eachRecord(container.ports, (port) => ({ protocol: "TCP", ...present(port) })) }),
    ...(isEmptyList(container.env) ? {} : { env: eachRecord(container.env, withEnvDefaults) }),
    ...probes(container),
  };
}

function pullPolicyOf(image: unknown): string {
  const tag = typeof image === "string" ? effectiveTag(image) : undefined;
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function withEnvDefaults(variable: Fields): Fields {
  const source = variable.valueFrom;
  if (!isRecord(source) || !isRecord(source.fieldRef)) return variable;
  return { ...variable, valueFrom: { ...source, fieldRef: { apiVersion: "v1", ...source.fieldRef } } };
}

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];

function probes(container: Fields): Fields {
  return Object.fromEntries(
    PROBES.filter((name) => isRecord(container[name])).map((name) => {
      const probe = container[name] as Fields;
      const get = probe.httpGet;
      return [
        name,
        {
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
          ...present(probe),
          ...(isRecord(get) ? { httpGet: { path: "/", scheme: "HTTP", ...present(get) } } : {}),
        },
      ];
    }),
  );
}

const WITH_MODE = ["configMap", "secret", "downwardAPI", "projected"];
const DEFAULT_MODE = 0o644;

function withVolumeDefaults(volume: Fields): Fields {
  const sources = Object.keys(volume).filter((field) => field !== "name" && volume[field] !== null);
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  const moded = sources.filter((source) => WITH_MODE.includes(source) && isRecord(volume[source]));
  return {
    ...volume,
    ...Object.fromEntries(
      moded.map((source) => [source, { defaultMode: DEFAULT_MODE, ...(volume[source] as Fields) }]),
    ),
    ...(isRecord(volume.hostPath) ? { hostPath: { type: "", ...volume.hostPath } } : {}),
  };
}

function withRequestsFromLimits(container: Fields): Fields {
  const resources = container.resources;
  if (!isRecord(resources) || !isRecord(resources.limits)) return container;
  const requests = { ...resources.limits, ...(isRecord(resources.requests) ? resources.requests : {}) };
  return { ...container, resources: { ...resources, requests } };
}

function withDeprecatedServiceAccount(spec: Fields): Fields {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  return name === undefined ? {} : { serviceAccountName: name, serviceAccount: name };
}

function eachRecord(list: unknown, change: (item: Fields) => Fields): Fields[] {
  if (!Array.isArray(list) || !list.every(isRecord)) {
    throw badRequest("json: cannot unmarshal the spec: containers, env, ports and volumes are lists of objects");
  }
  return list.map(change);
}

function isEmptyList(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}

/** Nulls and empty texts and lists count as absent, as they do in Go's structs. */
function present(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
