import type { JsonObject } from "../../src/core/kube/object.ts";
import { aPod, type Loose } from "../contract/fixtures.ts";

/** A pod with a value in nearly every field that an API server lets a user set, and of every kind of value. */
export function widePod(namespace: string): Loose {
  return aPod(namespace, "wide", {
    metadata: { labels: { app: "wide" }, annotations: { "example.com/text": "größe" }, finalizers: [] },
    spec: {
      ...SCHEDULING,
      volumes: VOLUMES,
      initContainers: [
        {
          name: "native",
          image: "registry.local/native:1",
          restartPolicy: "Always",
          startupProbe: probe({ grpc: { port: 9000, service: "health" } }),
        },
      ],
      containers: [APP],
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 3000,
        runAsNonRoot: true,
        fsGroup: 2000,
        supplementalGroups: [4, 5],
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "Localhost", localhostProfile: "profile.json" },
        seLinuxOptions: { user: "u", role: "r", type: "t", level: "s0" },
        sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
      },
      hostAliases: [{ ip: "10.0.0.1", hostnames: ["a.local", "b.local"] }],
      dnsPolicy: "None",
      dnsConfig: {
        nameservers: ["10.0.0.10"],
        searches: ["local"],
        options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
      },
      imagePullSecrets: [{ name: "registry" }],
      readinessGates: [{ conditionType: "example.com/gate" }],
      hostname: "wide",
      subdomain: "pods",
      setHostnameAsFQDN: true,
      shareProcessNamespace: true,
      enableServiceLinks: false,
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 10,
      activeDeadlineSeconds: 3600,
    },
  });
}

function probe(handler: JsonObject): JsonObject {
  return {
    ...handler,
    initialDelaySeconds: 1,
    timeoutSeconds: 2,
    periodSeconds: 3,
    successThreshold: 1,
    failureThreshold: 5,
  };
}

const SCHEDULING: JsonObject = {
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "spot", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 60 }],
  topologySpreadConstraints: [
    {
      maxSkew: 2,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "wide" } },
      minDomains: 3,
      nodeAffinityPolicy: "Ignore",
      nodeTaintsPolicy: "Honor",
      matchLabelKeys: ["version"],
    },
  ],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: "cores", operator: "Gt", values: ["4"] }],
            matchFields: [{ key: "metadata.name", operator: "In", values: ["node"] }],
          },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 7, preference: { matchExpressions: [{ key: "gpu", operator: "Exists" }] } },
      ],
    },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: "zone",
          namespaces: ["other"],
          labelSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["a", "b"] }] },
          namespaceSelector: {},
        },
      ],
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 9, podAffinityTerm: { topologyKey: "host", labelSelector: { matchLabels: { app: "wide" } } } },
      ],
    },
  },
};

const APP: JsonObject = {
  name: "app",
  image: "registry.local/app:1",
  command: ["sh", "-c"],
  args: ["", "sleep"],
  workingDir: "/srv",
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP", hostIP: "127.0.0.1", hostPort: 18080 }],
  env: [
    { name: "PLAIN", value: "text" },
    { name: "FIELD", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
    {
      name: "RESOURCE",
      valueFrom: { resourceFieldRef: { containerName: "app", resource: "limits.cpu", divisor: "1m" } },
    },
    { name: "SECRET", valueFrom: { secretKeyRef: { name: "secret", key: "k", optional: true } } },
    { name: "CONFIG", valueFrom: { configMapKeyRef: { name: "config", key: "k", optional: false } } },
  ],
  envFrom: [{ prefix: "P_", configMapRef: { name: "config", optional: true } }, { secretRef: { name: "secret" } }],
  resources: { limits: { cpu: "500m", memory: "64Mi" }, requests: { cpu: "100m", memory: "32Mi" } },
  resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
  volumeMounts: [
    {
      name: "scratch",
      mountPath: "/scratch",
      subPath: "a",
      readOnly: true,
      mountPropagation: "None",
      recursiveReadOnly: "IfPossible",
    },
    { name: "config", mountPath: "/config", subPathExpr: "$(PLAIN)" },
  ],
  volumeDevices: [{ name: "claim", devicePath: "/dev/xvda" }],
  livenessProbe: {
    ...probe({
      httpGet: {
        path: "/live",
        port: "http",
        host: "localhost",
        scheme: "HTTPS",
        httpHeaders: [{ name: "X", value: "y" }],
      },
    }),
    terminationGracePeriodSeconds: 9,
  },
  readinessProbe: probe({ tcpSocket: { port: 8080, host: "localhost" } }),
  startupProbe: probe({ exec: { command: ["true"] } }),
  lifecycle: { postStart: { exec: { command: ["start"] } }, preStop: { sleep: { seconds: 3 } } },
  terminationMessagePath: "/dev/log",
  terminationMessagePolicy: "FallbackToLogsOnError",
  imagePullPolicy: "Always",
  securityContext: {
    capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
    privileged: false,
    runAsUser: 0,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: true,
    procMount: "Default",
    appArmorProfile: { type: "RuntimeDefault" },
  },
  stdin: true,
  stdinOnce: true,
  tty: true,
};

const VOLUMES: readonly JsonObject[] = [
  { name: "scratch", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } },
  {
    name: "config",
    configMap: { name: "config", items: [{ key: "k", path: "p", mode: 256 }], defaultMode: 420, optional: true },
  },
  { name: "secret", secret: { secretName: "secret", defaultMode: 0 } },
  { name: "claim", persistentVolumeClaim: { claimName: "claim", readOnly: true } },
  { name: "host", hostPath: { path: "/var/log", type: "Directory" } },
  { name: "nfs", nfs: { server: "nfs.local", path: "/", readOnly: true } },
  {
    name: "csi",
    csi: {
      driver: "csi.local",
      readOnly: true,
      fsType: "ext4",
      volumeAttributes: { a: "b" },
      nodePublishSecretRef: { name: "s" },
    },
  },
  { name: "image", image: { reference: "registry.local/data:1", pullPolicy: "Never" } },
  {
    name: "down",
    downwardAPI: {
      items: [{ path: "labels", fieldRef: { apiVersion: "v1", fieldPath: "metadata.labels" } }],
      defaultMode: 420,
    },
  },
  {
    name: "ephemeral",
    ephemeral: {
      volumeClaimTemplate: {
        metadata: { labels: { a: "b" } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
          storageClassName: "fast",
          volumeMode: "Filesystem",
        },
      },
    },
  },
  {
    name: "projected",
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { audience: "vault", expirationSeconds: 7200, path: "token" } },
        { configMap: { name: "config", items: [{ key: "k", path: "c" }] } },
        { secret: { name: "secret", optional: true } },
        {
          downwardAPI: {
            items: [{ path: "cpu", resourceFieldRef: { containerName: "app", resource: "limits.cpu", divisor: "1m" } }],
          },
        },
      ],
    },
  },
];
