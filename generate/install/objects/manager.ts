import { STOP_SWITCHES } from "../../../src/core/sidecarSet/stopSwitches.ts";
import {
  commaList,
  is,
  isGiven,
  isTrue,
  NAMESPACE,
  type Node,
  not,
  SPREAD,
  spread,
  sum,
  text,
  value,
  when,
} from "../slots.ts";
import { container, EXTRA_ENV, OWN_NAMESPACE, POD_SPEC, SYSTEM_NAMESPACE_FLAG } from "./container.ts";
import { labelled, selectedBy } from "./labels.ts";

export const HEALTH_PORT = 8080;
const COMPONENT = "manager";
export const MANAGER_PODS = selectedBy(COMPONENT);
/** The name that `sidecarset run` registers unless it is told another. */
export const WEBHOOK_SERVICE = "sidecarset-webhook";
const METRICS_SERVICE = "sidecarset-metrics";

const flags: Node = [
  "run",
  SYSTEM_NAMESPACE_FLAG,
  text`--port=${value("webhook.port")}`,
  `--health-port=${HEALTH_PORT}`,
  text`--excluded-namespaces=${commaList("webhook.excludedNamespaces")}`,
  text`--default-failure-policy=${value("webhook.defaultFailurePolicy")}`,
  when(
    not(is("webhook.certificate.mode", "self")),
    text`--certificate-secret=${value("webhook.certificate.secretName")}`,
  ),
  text`--lease-duration=${value("leaseDuration")}`,
  text`--shutdown-delay=${value("shutdownDelay")}`,
  text`--log-level=${value("log.level")}`,
  text`--log-format=${value("log.format")}`,
  when(isGiven("traces.endpoint"), text`--traces-endpoint=${value("traces.endpoint")}`),
  spread("extraArgs"),
];

const manager = container("manager", {
  args: flags,
  env: [OWN_NAMESPACE, EXTRA_ENV],
  ports: [
    { name: "webhook", containerPort: value("webhook.port"), protocol: "TCP" },
    { name: "health", containerPort: HEALTH_PORT, protocol: "TCP" },
  ],
  readinessProbe: {
    httpGet: { path: "/readyz", port: "health" },
    periodSeconds: 2,
    failureThreshold: 2,
    timeoutSeconds: 3,
  },
  livenessProbe: {
    httpGet: { path: "/livez", port: "health" },
    periodSeconds: 10,
    failureThreshold: 6,
    timeoutSeconds: 5,
  },
  resources: value("resources"),
});

export const MANAGER: readonly Node[] = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "sidecarset-manager", namespace: NAMESPACE, labels: labelled(COMPONENT) },
    spec: {
      replicas: value("replicas"),
      selector: { matchLabels: MANAGER_PODS },
      // A new one serves before an old one goes.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...labelled(COMPONENT), [SPREAD]: spread("podLabels") },
          annotations: when(isGiven("podAnnotations"), value("podAnnotations")),
        },
        spec: {
          serviceAccountName: value("serviceAccount.name"),
          ...POD_SPEC,
          priorityClassName: when(isGiven("priorityClassName"), value("priorityClassName")),
          hostNetwork: when(isTrue("webhook.hostNetwork"), true),
          dnsPolicy: when(isTrue("webhook.hostNetwork"), "ClusterFirstWithHostNet"),
          // Beyond the shutdown delay a manager needs 20 s at most.
          terminationGracePeriodSeconds: sum("shutdownDelay", 25),
          affinity: when(isGiven("affinity"), value("affinity")),
          topologySpreadConstraints: when(
            isGiven("topologySpreadConstraints"),
            value("topologySpreadConstraints"),
            spreadOver("topology.kubernetes.io/zone", "kubernetes.io/hostname"),
          ),
          containers: [manager],
        },
      },
    },
  },
  service(WEBHOOK_SERVICE, { name: "webhook", port: 443 }),
  service(METRICS_SERVICE, { name: "health", port: HEALTH_PORT }),
  when(isTrue("podDisruptionBudget.enabled"), {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "sidecarset-manager", namespace: NAMESPACE, labels: labelled(COMPONENT) },
    spec: {
      maxUnavailable: value("podDisruptionBudget.maxUnavailable"),
      selector: { matchLabels: MANAGER_PODS },
    },
  }),
  // Without data, which is for people and for `sidecarset unregister`: whoever installs again does not write it.
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: STOP_SWITCHES, namespace: NAMESPACE, labels: labelled(COMPONENT) },
  },
];

function service(name: string, port: { readonly name: string; readonly port: number }): Node {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { ...labelled(COMPONENT), "sidecarset.kruise.io/service": port.name },
    },
    spec: { selector: MANAGER_PODS, ports: [{ ...port, targetPort: port.name, protocol: "TCP" }] },
  };
}

function spreadOver(...keys: readonly string[]): Node {
  return keys.map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: MANAGER_PODS },
  }));
}
