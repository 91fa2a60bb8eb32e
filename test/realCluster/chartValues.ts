import type { JsonObject } from "../../src/core/kube/object.ts";

/** Every value another one than its default. */
export function everything(): JsonObject {
  return {
    replicas: 3,
    image: {
      repository: "registry.local:5000/sidecarset",
      tag: "1.2.3",
      digest: `sha256:${"0".repeat(64)}`,
      pullPolicy: "Always",
    },
    imagePullSecrets: [{ name: "pull" }],
    crds: { keep: false },
    webhook: {
      port: 8443,
      defaultFailurePolicy: "Ignore",
      excludedNamespaces: ["kube-system", "build"],
      certificate: { mode: "provided", secretName: "tls" },
      hostNetwork: true,
    },
    leaseDuration: 30,
    shutdownDelay: 60,
    log: { level: "debug", format: "text" },
    traces: { endpoint: "http://collector:4318/v1/traces" },
    serviceAccount: { name: "managers", annotations: { "iam/role": 'a: "b" {{ c }}' } },
    metrics: {
      serviceMonitor: { enabled: true, interval: "10s", labels: { release: "prometheus" } },
      prometheusRule: { enabled: true, labels: { release: "prometheus" } },
      grafanaDashboard: { enabled: true },
    },
    networkPolicy: { metricsNamespaces: [], extraEgress: [{ ports: [{ port: 4318 }] }] },
    podDisruptionBudget: { maxUnavailable: 2 },
    flowControl: { shares: 5 },
    priorityClassName: "",
    resources: { requests: { cpu: "1" } },
    nodeSelector: { disk: "ssd" },
    tolerations: [{ operator: "Exists" }],
    affinity: { nodeAffinity: {} },
    topologySpreadConstraints: [{ maxSkew: 2, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
    podLabels: { team: "platform", number: "1" },
    podAnnotations: { note: "yes" },
    extraArgs: ["--context=other"],
    extraEnv: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
    extraObjects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra" }, data: { text: "{{ kept }}" } }],
  };
}

/** All that can be left out. */
export function nothing(): JsonObject {
  const off = { enabled: false };
  return {
    crds: { install: false },
    serviceAccount: { create: false },
    rbac: { create: false, aggregate: false },
    metrics: { serviceMonitor: off, prometheusRule: off },
    networkPolicy: off,
    podDisruptionBudget: off,
    flowControl: off,
    uninstall: { unregister: false },
  };
}

export function certManager(): JsonObject {
  return { webhook: { certificate: { mode: "certManager", issuerRef: { name: "ca", kind: "ClusterIssuer" } } } };
}
