import fc from "fast-check";
import { aSidecarSetObject } from "../aSidecarSet.ts";

/** Short, for there are many in a set; huge ones are the matter of mutations. */
const text = fc.constantFrom("", "1", "$(A)$(B)", "<&>", "\u2028", "\ud83d", "\u{1f600}", "null", 'a\\"b');
const amount = fc.constantFrom("0.5", "500m", "1", "1e3", "1024Mi", "1Gi", 2);
const variable = fc.oneof(
  { arbitrary: fc.record({ name: fc.constantFrom("A", "B", "C"), value: text }), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      { name: "D", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "E", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
      { name: "F" },
      { name: "constructor", value: "" },
    ),
    weight: 1,
  },
);
const probe = fc.record(
  {
    httpGet: fc.constantFrom({ path: "/", port: 80 }, { port: "http", scheme: "HTTPS" }),
    periodSeconds: fc.constantFrom(0, 5, 10),
    failureThreshold: fc.constantFrom(1, 3),
  },
  { requiredKeys: ["httpGet"] },
);

/** What every kind of sidecar may have, written with defaults and without. */
const container = {
  image: fc.constantFrom("a:1", "a:2", "registry.example/b@sha256:0123"),
  env: fc.uniqueArray(variable, { maxLength: 4, selector: ({ name }) => name }),
  args: fc.array(text, { maxLength: 2 }),
  command: fc.constantFrom([], ["sh", "-c"]),
  imagePullPolicy: fc.constantFrom("Always", "IfNotPresent"),
  ports: fc.constantFrom([], [{ containerPort: 80 }], [{ name: "http", containerPort: 80, protocol: "TCP" }]),
  resources: fc.record(
    { limits: fc.record({ cpu: amount, memory: amount }), requests: fc.constantFrom({ cpu: "0.1" }, { cpu: "100m" }) },
    { requiredKeys: [] },
  ),
  securityContext: fc.constantFrom({}, { privileged: false }, { runAsUser: 0, capabilities: { add: ["NET_ADMIN"] } }),
  volumeMounts: fc.constantFrom(
    [],
    [{ name: "logs", mountPath: "/logs" }],
    [{ name: "logs", mountPath: "/logs", readOnly: false, subPathExpr: "$(A)" }],
  ),
  podInjectPolicy: fc.constantFrom("BeforeAppContainer", "AfterAppContainer"),
  shareVolumePolicy: fc.constantFrom({ type: "enabled" }, { type: "disabled" }, {}),
  transferEnv: fc.constantFrom(
    [],
    [{ sourceContainerName: "app", envName: "X" }],
    [{ sourceContainerName: "app", envNames: ["X", "Y"] }],
  ),
  unknownField: fc.constantFrom(1, { kept: true }),
};
const names = fc.constantFrom("one", "two", "three");
const sidecar = fc.record(
  {
    ...container,
    name: names,
    livenessProbe: probe,
    readinessProbe: probe,
    upgradeStrategy: fc.constantFrom({}, { upgradeType: "ColdUpgrade" }),
    podOverrides: fc.constantFrom([], ["imageTag"], ["resources", "env:A"]),
  },
  { requiredKeys: ["name", "image"] },
);
const hotSidecar = fc.record({
  name: fc.constant("hot"),
  image: container.image,
  upgradeStrategy: fc.constantFrom(
    { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" },
    { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:2" },
  ),
});
const initSidecar = fc.record(
  { ...container, name: names.map((name) => `init-${name}`), restartPolicy: fc.constant("Always") },
  { requiredKeys: ["name", "image"] },
);
const volume = fc.record({
  name: fc.constantFrom("data", "cache"),
  source: fc.constantFrom<object>(
    { emptyDir: {} },
    { emptyDir: { medium: "Memory", sizeLimit: "0.5Gi" } },
    { configMap: { name: "settings", optional: false, defaultMode: 0o644 } },
    { hostPath: { path: "/var", type: "" } },
  ),
});
const metadataPatch = fc.record({
  key: fc.constantFrom("x", "y", "constructor"),
  patch: fc.constantFrom(
    { policy: "Retain", value: "1" },
    { policy: "Overwrite", value: "" },
    { policy: "MergePatchJson", value: '{"k":null,"l":[1]}' },
    { policy: "AppendUnique", value: '["a"]' },
  ),
});

const template = fc.record({
  containers: fc
    .tuple(fc.uniqueArray(sidecar, { minLength: 1, maxLength: 3, selector: ({ name }) => name }), fc.option(hotSidecar))
    .map(([plain, hot]) => (hot === null ? plain : [...plain, hot])),
  initContainers: fc.uniqueArray(initSidecar, { maxLength: 2, selector: ({ name }) => name }),
  volumes: fc
    .uniqueArray(volume, { maxLength: 2, selector: ({ name }) => name })
    .map((volumes) => volumes.map(({ name, source }) => ({ name, ...source }))),
  imagePullSecrets: fc.subarray([{ name: "one" }, { name: "two" }]),
  patchPodMetadata: fc
    .uniqueArray(metadataPatch, { maxLength: 2, selector: ({ key }) => key })
    .map((patches) =>
      patches.map(({ key, patch: { policy, value } }) => ({ annotations: { [key]: value }, patchPolicy: policy })),
    ),
});

/** What a revision does not record, and what has to stay as it is. */
const rest = fc.record(
  {
    updateStrategy: fc.constantFrom({}, { partition: "10%", maxUnavailable: 2 }, { type: "NotUpdate" }),
    injectionStrategy: fc.constantFrom({}, { paused: true }),
    revisionHistoryLimit: fc.constantFrom(1, 10),
  },
  { requiredKeys: [] },
);

/** A volume that a sidecar mounts has to be there. */
function withMountedVolumes<T extends { readonly volumes: readonly object[] }>(parts: T): object {
  return { ...parts, volumes: [...parts.volumes, { name: "logs", emptyDir: {} }] };
}

/**
 * SidecarSets that admission takes, with templates of every kind: valid by construction, so that a property about valid sets looks at
 * nearly all of them. Few names and values, so that two of them have much in common.
 */
export const validSidecarSets: fc.Arbitrary<object> = fc
  .record({ parts: template, others: rest })
  .map(({ parts, others }) => aSidecarSetObject({ ...others, ...withMountedVolumes(parts) }));
