import type { ApiObject } from "../src/simulator/apiObject.ts";
import { podText } from "./fleet.ts";

/** A pod of the fleet as an API server sends it, about 9 KB of JSON: with variables, mounts, probes, all conditions and `managedFields`. */
export function wirePod(index: number): ApiObject {
  const { metadata, spec, status } = JSON.parse(podText(index)) as ApiObject & {
    readonly spec: { readonly containers: readonly object[] };
    readonly status: { readonly conditions: readonly object[] };
  };
  const { env, volumeMounts } = { env: variables(), volumeMounts: mounts() };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, managedFields: managedFields(index) },
    spec: {
      ...spec,
      containers: spec.containers.map((container) => ({ ...container, ...OF_CONTAINER, env, volumeMounts })),
      volumes: volumeMounts.map(({ name }) => ({ name, emptyDir: {} })),
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "default",
      schedulerName: "default-scheduler",
      tolerations: ["not-ready", "unreachable"].map((key) => ({
        key: `node.kubernetes.io/${key}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
    },
    status: {
      ...status,
      conditions: [...status.conditions, ...CONDITIONS],
      hostIP: "10.0.1.17",
      podIP: "10.4.2.9",
      podIPs: [{ ip: "10.4.2.9" }],
      qosClass: "Burstable",
      startTime: AT,
    },
  };
}

/** The same pod after an event that no record holds: somebody's heartbeat. */
export function afterHeartbeat(pod: ApiObject, beat: number): ApiObject {
  const resourceVersion = String(Number(pod.metadata.resourceVersion) + beat);
  return { ...pod, metadata: { ...pod.metadata, resourceVersion, managedFields: managedFields(beat) } };
}

const AT = "2026-06-10T00:00:00Z";

const CONDITIONS = ["PodReadyToStartContainers", "Initialized", "ContainersReady", "PodScheduled"].map((type) => ({
  type,
  status: "True",
  lastProbeTime: null,
  lastTransitionTime: AT,
}));

const OF_CONTAINER = {
  resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "512Mi" } },
  readinessProbe: { httpGet: { path: "/", port: 8080, scheme: "HTTP" }, timeoutSeconds: 1, periodSeconds: 10 },
  ports: [{ containerPort: 8080, protocol: "TCP" }],
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
};

function variables(): readonly object[] {
  return Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: `value of setting ${index}` }));
}

function mounts(): readonly { readonly name: string; readonly mountPath: string }[] {
  return Array.from({ length: 5 }, (_, index) => ({ name: `volume-${index}`, mountPath: `/mnt/volume-${index}` }));
}

/** Of the two managers that every running pod has. */
function managedFields(beat: number): readonly object[] {
  const time = new Date(Date.parse(AT) + beat * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  const settings = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [
      `k:{"name":"SETTING_${index}"}`,
      { ".": {}, "f:name": {}, "f:value": {} },
    ]),
  );
  const entry = { operation: "Update", apiVersion: "v1", time, fieldsType: "FieldsV1" };
  return [
    {
      ...entry,
      manager: "kube-controller-manager",
      fieldsV1: { "f:spec": { 'k:{"name":"app"}': { "f:env": settings } } },
    },
    {
      ...entry,
      manager: "kubelet",
      subresource: "status",
      fieldsV1: { "f:status": { "f:conditions": settings, "f:containerStatuses": {}, "f:podIPs": {} } },
    },
  ];
}
