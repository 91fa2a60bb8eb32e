import fc from "fast-check";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";
import { aPodObject } from "../aPod.ts";
import { aSidecarSetObject } from "../aSidecarSet.ts";

const probe = { httpGet: { path: "/", port: 80 }, periodSeconds: 5 };
const envFrom = { fieldRef: { fieldPath: "metadata.name" } };

/** Names that Kubernetes takes and that mean something in JavaScript; written in JSON, where they are names like others. */
const NAMED_POD = JSON.parse(`{
  "metadata": {"name": "constructor", "namespace": "default", "labels": {"app": "web", "constructor": "1", "toString": "2"},
    "annotations": {"constructor": "a", "valueOf": "b", "kruise.io/sidecarset-hash": "{\\"__proto__\\":{\\"hash\\":\\"h\\"}}"}},
  "spec": {"volumes": [{"name": "constructor", "emptyDir": {}, "__proto__": {"kept": 1}}],
    "containers": [{"name": "constructor", "image": "a:1", "env": [{"name": "__proto__", "value": "1"}, {"name": "constructor"}]}]}
}`) as unknown;

/** A pod with something of everything that injection looks at. */
const RICH_POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web-0",
    generateName: "web-",
    namespace: "default",
    labels: { app: "web" },
    annotations: { x: '{"k":1,"z":0}', plain: "text" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "u", controller: true }],
    managedFields: [{ manager: "kubectl", fieldsV1: { "f:spec": { "f:containers": {} } } }],
  },
  spec: {
    serviceAccountName: "web",
    volumes: [
      { name: "data", emptyDir: {} },
      { name: "own", configMap: { name: "c" } },
    ],
    imagePullSecrets: [{ name: "pull" }],
    initContainers: [{ name: "prepare", image: "p:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
    containers: [
      {
        name: "app",
        image: "app:1",
        env: [
          { name: "X", value: "1" },
          { name: "Y", valueFrom: envFrom },
        ],
        resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
        volumeMounts: [{ name: "data", mountPath: "/logs", subPathExpr: "$(X)/log" }],
        volumeDevices: [{ name: "own", devicePath: "/dev/x" }],
        readinessProbe: probe,
      },
      { name: "second", image: "b:1" },
    ],
  },
};

const RICH_SPEC = {
  namespaceSelector: { matchExpressions: [{ key: "env", operator: "NotIn", values: ["test"] }] },
  initContainers: [{ name: "init-side", image: "i:1", restartPolicy: "Always", podInjectPolicy: "BeforeAppContainer" }],
  containers: [
    {
      name: "logtail",
      image: "logtail:2",
      podInjectPolicy: "AfterAppContainer",
      shareVolumePolicy: { type: "enabled" },
      transferEnv: [{ sourceContainerName: "app", envNames: ["X", "Y"] }],
      volumeMounts: [{ name: "logs", mountPath: "/var/log", subPathExpr: "$(X)" }],
      env: [{ name: "A", value: "1" }],
      ports: [{ containerPort: 80, protocol: "TCP" }],
      livenessProbe: probe,
    },
    {
      name: "proxy",
      image: "proxy:1",
      upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" },
    },
    {
      name: "sized",
      image: "s:1",
      resourcesPolicy: {
        targetContainersMode: "sum",
        targetContainersNameRegex: "^app.*$",
        resourcesExpr: { limits: { cpu: "max(cpu*50%, 50m)", memory: "200Mi" }, requests: { cpu: "cpu*10%" } },
      },
    },
  ],
  volumes: [{ name: "logs", emptyDir: {} }],
  imagePullSecrets: [{ name: "sidecars" }],
  patchPodMetadata: [
    { annotations: { x: '{"k":null,"l":[1]}' }, patchPolicy: "MergePatchJson" },
    { annotations: { y: "1" }, patchPolicy: "Overwrite" },
  ],
  updateStrategy: {
    type: "RollingUpdate",
    partition: "10%",
    maxUnavailable: 2,
    selector: { matchLabels: { canary: "yes" } },
    scatterStrategy: [{ key: "zone", value: "a" }],
    priorityStrategy: { weightPriority: [{ weight: 10, matchSelector: { matchLabels: { app: "web" } } }] },
  },
  injectionStrategy: { paused: false, revision: { customVersion: "v1", policy: "Partial" } },
  revisionHistoryLimit: 5,
  customVersion: "v1",
};

/** What we add to the API, and what stands beside it. */
const ADDED_SPEC: Readonly<Record<string, unknown>> = {
  ...RICH_SPEC,
  selector: {},
  containers: [
    { ...RICH_SPEC.containers[0], podOverrides: ["imageTag", "resources", "env:A"] },
    { ...RICH_SPEC.containers[1], name: "constructor", podOverrides: ["imageTag"] },
  ],
  patchPodMetadata: [
    { annotations: { x: '["a"]', constructor: "b,c" }, patchPolicy: "AppendUnique" },
    { annotations: { y: "1" }, labels: { team: "a", toString: "b" }, patchPolicy: "Overwrite" },
  ],
  injectionStrategy: {
    failurePolicy: "Ignore",
    order: -3,
    optOut: "Deny",
    revision: { policy: "FollowPartition" },
    engine: "Webhook",
    repair: "None",
  },
  updateStrategy: {
    ...RICH_SPEC.updateStrategy,
    scatterStrategy: [{ key: "zone" }],
    maxUnavailablePerOwner: "20%",
    nonImageChange: "Recreate",
    resourceChange: "Resize",
    onFailure: { maxFailed: 1, action: "Pause" },
    progressDeadlineSeconds: 300,
    minReadySeconds: 5,
    podGates: ["example.com/ready"],
    imagePrePull: { parallelism: 2 },
  },
};

/** With what the controller writes about it. */
const STATUS = {
  matchedPods: 7,
  updatedPods: 1,
  readyPods: 7,
  latestRevision: "logging-1",
  collisionCount: 0,
  observedGeneration: 1,
};

export const pods: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(RICH_POD, RICH_POD, NAMED_POD, aPodObject());

/** What the API server asks about the creation of an object. */
export function reviewOf(resource: string, object: unknown, oldObject?: unknown): JsonObject {
  const group = resource === "pods" ? "" : "apps.kruise.io";
  const request = { uid: "u", operation: "CREATE", resource: { group, version: "v1", resource }, namespace: "default" };
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { ...request, object: object as Json, oldObject: oldObject as Json },
  };
}

export const sidecarSets: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  aSidecarSetObject(RICH_SPEC),
  { ...aSidecarSetObject({ ...RICH_SPEC, namespace: "default" }), apiVersion: "apps.kruise.io/v1alpha1" },
  aSidecarSetObject({ ...RICH_SPEC, injectionStrategy: {} }),
  { ...aSidecarSetObject(ADDED_SPEC), status: STATUS },
  aSidecarSetObject(),
);

/** Sets that inject, with everything but pinned revisions. */
export const INJECTING_SETS = [
  { ...RICH_SPEC, namespaceSelector: undefined, injectionStrategy: {} },
  { containers: [{ name: "plain", image: "plain:1" }] },
] as const;

const ENTRY = {
  updateTimestamp: "2026-06-01T00:00:00Z",
  hash: "h",
  sidecarSetName: "logging",
  sidecarList: ["logtail"],
  controllerRevision: "logging-1",
};

/** What the JSON annotations of a pod hold. */
export const recordTexts: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  { logging: ENTRY, other: { ...ENTRY, sidecarSetName: "other" } },
  { logging: "plain-hash", other: "other-hash" },
  {
    logging: {
      revision: "r",
      updateTimestamp: ENTRY.updateTimestamp,
      lastContainerStatuses: { logtail: { imageID: "id-logtail:1" } },
      updateImages: true,
    },
  },
  { proxy: "proxy-1", logtail: "logtail-2" },
  {
    logging: { hash: "h", containers: { logtail: { containerID: "containerd://1", restartCount: 0, generation: 1 } } },
  },
);

export const podTraits = fc.record(
  {
    name: fc.constantFrom("web-0", "web-1", "web-10", "\u{1f600}", ""),
    labels: fc.constantFrom<Record<string, string>>(
      {},
      { zone: "a" },
      { canary: "yes", zone: "b" },
      { order: "1e400" },
    ),
    hash: fc.constantFrom("old", "new"),
    hashWithoutImage: fc.constantFrom("same", "another"),
    image: fc.constantFrom("logtail:1", "logtail:2", ""),
    phase: fc.constantFrom("Pending", "Running", "Failed", ""),
    ready: fc.boolean(),
    readySince: fc.constantFrom("2026-06-01T00:01:00Z", "never"),
    createdAt: fc.constantFrom("2026-06-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    node: fc.constantFrom("node-1", ""),
    deleting: fc.boolean(),
    generation: fc.constantFrom(1, 5),
    observedGeneration: fc.constantFrom(1, 5),
  },
  { requiredKeys: [] },
);

export const rollingSets: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  aSidecarSetObject(),
  aSidecarSetObject({ updateStrategy: { ...RICH_SPEC.updateStrategy, selector: undefined } }),
  aSidecarSetObject({ containers: RICH_SPEC.containers, updateStrategy: { maxUnavailable: "50%" } }),
  { ...aSidecarSetObject({ ...ADDED_SPEC, selector: { matchLabels: { app: "web" } } }), status: STATUS },
);
