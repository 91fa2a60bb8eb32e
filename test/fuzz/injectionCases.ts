import fc from "fast-check";
import type { ControllerRevision } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { withHashes } from "../../src/core/sidecarSet/hash.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import { aSidecarSet } from "../aSidecarSet.ts";

/** What a pod may meet at its creation. */
export interface InjectionCase {
  readonly pod: Pod;
  readonly sidecarSets: readonly SidecarSet[];
  /** The sets as they were before: what the stored revisions hold, and what a copied pod was once injected with. */
  readonly earlier: readonly SidecarSet[];
  readonly revisions: readonly ControllerRevision[];
  /** How many pods of the owner, and of all, carry the newest revision. */
  readonly carried: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Names that Kubernetes takes and that mean something in JavaScript. */
const SET_NAMES = ["logging", "mesh", "constructor"];
const CONTAINER_NAMES = ["logtail", "proxy", "constructor", "valueof"];

const FEATURES: readonly Fields[] = [
  {},
  { podInjectPolicy: "AfterAppContainer" },
  { shareVolumePolicy: { type: "enabled" }, shareVolumeDevicePolicy: { type: "enabled" } },
  { transferEnv: [{ sourceContainerName: "app", envNames: ["X", "__proto__", "toString"] }, { envName: "Y" }] },
  {
    transferEnv: [{ sourceContainerNameFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } }, envName: "Y" }],
    volumeMounts: [{ name: "logs", mountPath: "/var/log", subPathExpr: "$(X)/$(__proto__)" }],
  },
  { upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" } },
  {
    upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" },
    shareVolumePolicy: { type: "enabled" },
    podOverrides: ["imageTag"],
  },
  {
    resourcesPolicy: {
      targetContainersMode: "sum",
      resourcesExpr: { limits: { cpu: "max(cpu*50%, 50m)", memory: "200Mi" }, requests: { cpu: "cpu*10%" } },
    },
  },
  { podOverrides: ["imageTag", "resources", "env:A", "env:__proto__"], env: [{ name: "A", value: "1" }] },
  { env: [{ name: "IS_INJECTED", value: "no" }], volumeDevices: [{ name: "constructor", devicePath: "/dev/x" }] },
  { restartPolicy: "Always" },
];

const METADATA_PATCHES: readonly Fields[] = [
  { annotations: { x: '{"k":null,"l":[1]}' }, patchPolicy: "MergePatchJson" },
  { annotations: { list: '["a","b"]', constructor: "c,d" }, patchPolicy: "AppendUnique" },
  { annotations: { x: "1" }, labels: { toString: "written" }, patchPolicy: "Overwrite" },
  { annotations: { y: "1" }, labels: { team: "a" } },
];
/** Keys that the patches above write; all others of a pod stay as they are. */
export const PATCHED_KEYS: ReadonlySet<string> = new Set(
  METADATA_PATCHES.flatMap(({ annotations, labels }) => [annotations ?? {}, labels ?? {}].flatMap(Object.keys)),
);

const INJECTION_STRATEGIES: readonly Fields[] = [
  {},
  {},
  { order: -5 },
  { order: 7, optOut: "Deny", failurePolicy: "Fail" },
  { failurePolicy: "Ignore" },
  { revision: { policy: "FollowPartition" } },
  { revision: { customVersion: "v0", policy: "Partial" } },
  { revision: { customVersion: "v0", policy: "Always" }, failurePolicy: "Ignore" },
];
const UPDATE_STRATEGIES: readonly Fields[] = [
  {},
  { partition: "50%" },
  { partition: 1 },
  { paused: true },
  { partition: "100%", selector: { matchLabels: { canary: "yes" } } },
];
const SELECTIONS: readonly Fields[] = [
  { selector: { matchLabels: { app: "web" } } },
  { selector: { matchLabels: { app: "web" } }, namespaceSelector: { matchLabels: { env: "prod" } } },
  { selector: {}, namespaceSelector: { matchExpressions: [{ key: "env", operator: "Exists" }] } },
  { selector: { matchLabels: { app: "other" } } },
];

const sidecar = fc
  .tuple(fc.constantFrom(...CONTAINER_NAMES), fc.subarray([...FEATURES], { maxLength: 2 }), fc.boolean())
  .map(([name, features, isShared]) => ({ name, features, isShared }));

const sidecarSet = fc.record({
  name: fc.constantFrom(...SET_NAMES),
  containers: fc.uniqueArray(sidecar, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
  hasInit: fc.boolean(),
  patches: fc.subarray([...METADATA_PATCHES], { maxLength: 2 }),
  injectionStrategy: fc.constantFrom(...INJECTION_STRATEGIES),
  updateStrategy: fc.constantFrom(...UPDATE_STRATEGIES),
  selection: fc.constantFrom(...SELECTIONS),
  canaryOf: fc.constantFrom(undefined, undefined, undefined, "logging"),
});
type SetTraits = typeof sidecarSet extends fc.Arbitrary<infer T> ? T : never;

function setOf(traits: SetTraits, generation: "old" | "new"): SidecarSet {
  const { name, containers, patches, selection, canaryOf } = traits;
  const image = generation === "old" ? "side:1" : "side:2";
  // Only now and then two sets bring a container of one name: then none or one of them is injected.
  const named = (each: { readonly name: string; readonly isShared: boolean }) =>
    each.isShared && each.name === "logtail" ? each.name : `${name}-${each.name}`;
  const spec = {
    ...selection,
    containers: containers.map((each) => ({ name: named(each), image, ...Object.assign({}, ...each.features) })),
    ...(traits.hasInit && {
      initContainers: [
        { name: `${name}-init`, image },
        { name: `${name}-native`, image, restartPolicy: "Always" },
      ],
    }),
    volumes: [
      { name: "logs", emptyDir: {} },
      { name: "constructor", persistentVolumeClaim: { claimName: "c" } },
    ],
    imagePullSecrets: [{ name: "sidecars" }, { name: "__proto__" }],
    patchPodMetadata: patches,
    injectionStrategy: traits.injectionStrategy,
    updateStrategy: traits.updateStrategy,
    customVersion: generation === "old" ? "v0" : "v1",
  };
  const isCanary = canaryOf !== undefined && canaryOf !== name;
  const annotations = isCanary && {
    "apps.kruise.io/sidecarset-canary": "true",
    "apps.kruise.io/sidecarset-base": canaryOf,
  };
  return withHashes(aSidecarSet(spec, { name, uid: `uid-${name}`, ...(annotations && { annotations }) }));
}

const POD_ANNOTATIONS: readonly Fields[] = [
  {},
  { x: '{"k":1,"z":0}', list: '["a"]', plain: "text" },
  { list: "b, e", constructor: "d", x: "" },
  { "sidecarset.kruise.io/skip": "mesh, logging" },
  { "sidecarset.kruise.io/inject": "false" },
  {
    "sidecarset.kruise.io/override.logging-logtail.imageTag": "9",
    "sidecarset.kruise.io/override.logtail.resources": '{"limits":{"cpu":"2"}}',
    "sidecarset.kruise.io/override.logging-proxy.env.A": "2",
    "sidecarset.kruise.io/override.mesh-constructor.env.__proto__": "3",
    "sidecarset.kruise.io/override.mesh-proxy.imageTag": "no tag",
  },
  ...[
    '{"limits":{"__proto__":"1"}}',
    `{"limits":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
    "null",
    '{"limits":{"cpu":{}}}',
  ].map((text) => ({ "sidecarset.kruise.io/override.logging-logtail.resources": text })),
];
const POD_LABELS: readonly Fields[] = [{}, { canary: "yes" }, { team: "b", toString: "own" }];
const OWNERS: readonly Fields[] = [
  {},
  { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "u", controller: true }] },
  { ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u", controller: true }] },
];
/** Also names that only variables may have. */
const ENVIRONMENT = ["X", "Y", "__proto__", "toString"].map((name) => ({ name, value: "1" }));

const pod: fc.Arbitrary<Pod> = fc
  .record({
    annotations: fc.option(fc.subarray([...POD_ANNOTATIONS], { maxLength: 2 }), { nil: undefined }),
    labels: fc.constantFrom(...POD_LABELS),
    owner: fc.constantFrom(...OWNERS),
    name: fc.constantFrom("web-0", "web-7"),
    environment: fc.subarray([...ENVIRONMENT]),
    isRich: fc.boolean(),
  })
  .map(({ annotations, labels, owner, name, environment, isRich }) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      labels: { app: "web", ...labels },
      ...(annotations && { annotations: Object.assign({}, ...annotations) }),
      ...owner,
    },
    spec: {
      containers: [
        {
          name: "app",
          image: "app:1",
          env: environment,
          ...(isRich && {
            resources: { limits: { cpu: "1", memory: "1Gi" } },
            volumeMounts: [{ name: "data", mountPath: "/logs", subPathExpr: "$(X)/log" }],
            volumeDevices: [{ name: "constructor", devicePath: "/dev/y" }],
          }),
        },
        { name: "web", image: "web:1", env: [{ name: "Y", value: "2" }] },
      ],
      ...(isRich && {
        initContainers: [{ name: "prepare", image: "p:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
        volumes: [
          { name: "data", emptyDir: {} },
          { name: "constructor", persistentVolumeClaim: { claimName: "own" } },
        ],
        imagePullSecrets: [{ name: "pull" }, { name: "sidecars" }, { name: "pull" }],
      }),
      unknownToUs: { kept: [null, { "": "\u202e\u{1f600}\ud800" }] },
    },
  }));

/** Making them takes longer than all that is done with them: every case takes its few from these. */
const SETS = fc.sample(sidecarSet, { numRuns: 1_000, seed: 1 }).map((traits) => {
  let made: SetOfCase | undefined;
  return { name: traits.name, make: () => (made ??= setOfCase(traits)) };
});

interface SetOfCase {
  readonly newest: SidecarSet;
  readonly old: SidecarSet;
  readonly revisions: readonly ControllerRevision[];
}

function setOfCase(traits: SetTraits): SetOfCase {
  const [old, newest] = [setOf(traits, "old"), setOf(traits, "new")];
  const revisions = [old, newest].map((set, index) => revisionOf(set, { revision: index + 1, collisionCount: 0 }));
  return { newest, old, revisions };
}

export const injectionCases: fc.Arbitrary<InjectionCase> = fc
  .record({
    pod,
    sets: fc.uniqueArray(fc.constantFrom(...SETS), { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
    carried: fc.nat(3),
  })
  .map(({ pod: given, sets, carried }) => {
    const made = sets.map(({ make }) => make());
    return {
      pod: given,
      sidecarSets: made.map(({ newest }) => newest),
      earlier: made.map(({ old }) => old),
      revisions: made.flatMap(({ revisions }) => revisions),
      carried,
    };
  });

type Change = (pod: Pod) => Pod;

const onContainers =
  (change: (container: KubeContainer) => KubeContainer): Change =>
  ({ spec, ...rest }) => ({
    ...rest,
    spec: {
      ...spec,
      containers: spec.containers.map(change),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(change) }),
    },
  });
type KubeContainer = Pod["spec"]["containers"][number];

/** What other webhooks do to a pod after us, all without touching what tells that we have been here. */
const OTHERS: Readonly<Record<string, Change>> = {
  "a container in front": ({ spec, ...rest }) => ({
    ...rest,
    spec: { ...spec, containers: [AGENT, ...spec.containers] },
  }),
  "a container at the end": ({ spec, ...rest }) => ({
    ...rest,
    spec: { ...spec, containers: [...spec.containers, AGENT] },
  }),
  "an init container": ({ spec, ...rest }) => ({
    ...rest,
    spec: { ...spec, initContainers: [AGENT, ...(spec.initContainers ?? [])] },
  }),
  "a variable": onContainers((container) => ({
    ...container,
    env: [...(container.env ?? []), { name: "O", value: "1" }],
  })),
  "a mount": onContainers((container) => ({
    ...container,
    volumeMounts: [...(container.volumeMounts ?? []), { name: "token", mountPath: "/var/run/secrets" }],
  })),
  "another registry": onContainers((container) => ({ ...container, image: `mirror.local/${container.image}` })),
  "a volume": ({ spec, ...rest }) => ({
    ...rest,
    spec: { ...spec, volumes: [{ name: "token", emptyDir: {} }, ...(spec.volumes ?? [])] },
  }),
  "a pull secret": ({ spec, ...rest }) => ({
    ...rest,
    spec: { ...spec, imagePullSecrets: [...(spec.imagePullSecrets ?? []), { name: "theirs" }] },
  }),
  "a label": ({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, labels: { ...metadata.labels, "other/label": "1" } },
  }),
  "an annotation": ({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, annotations: { ...metadata.annotations, "other/note": "1", list: "theirs" } },
  }),
};
const AGENT = { name: "agent", image: "agent:1" };

export interface OthersChange {
  readonly what: readonly string[];
  readonly change: Change;
}

export const othersChanges: fc.Arbitrary<OthersChange> = fc
  .subarray(Object.keys(OTHERS), { minLength: 1, maxLength: 4 })
  .map((what) => ({
    what,
    change: (given) => what.reduce((changed, each) => OTHERS[each]!(changed), given),
  }));
