import type { Labels } from "../../src/core/kube/labelSelector.ts";
import type { ContainerRecord, PodRecord } from "../../src/core/pod/podRecord.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import type { Draws } from "./draws.ts";

export const START = Date.parse("2026-06-10T00:00:00Z");
export const NAMESPACES = ["blue", "green"] as const;

/** `logging` has a cold sidecar; `mesh` a hot pair and a native one. Both are in most pods. */
export const SET_NAMES = ["logging", "mesh"] as const;
export type SetName = (typeof SET_NAMES)[number];

/** What a SidecarSet has been edited to. Images and hashes are told by numbers. */
export interface Edition {
  readonly uid: number;
  readonly generation: number;
  readonly image: number;
  /** Differs where more than an image does. */
  readonly shape: number;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly deleting: boolean;
}

function hashOf({ image, shape }: Pick<Edition, "image" | "shape">): string {
  return `h${image}-${shape}`;
}

export function sidecarSetOf(name: SetName, edition: Edition): SidecarSet {
  const { image, spec } = edition;
  const parsed = parseSidecarSet({
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: {
      name,
      uid: `uid-${name}-${edition.uid}`,
      resourceVersion: `${edition.generation}`,
      generation: edition.generation,
      creationTimestamp: "2026-06-05T00:00:00Z",
      ...(edition.deleting && { deletionTimestamp: "2026-06-10T00:00:00Z" }),
      annotations: {
        "kruise.io/sidecarset-hash": hashOf(edition),
        "kruise.io/sidecarset-hash-without-image": `s${edition.shape}`,
      },
    },
    spec: { selector: { matchLabels: { app: "web" } }, ...TEMPLATES[name](image), ...spec },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

const TEMPLATES: Readonly<Record<SetName, (image: number) => Readonly<Record<string, unknown>>>> = {
  logging: (image) => ({
    containers: [{ name: "logtail", image: `logtail:${image}`, podOverrides: ["imageTag"] }],
    patchPodMetadata: [{ annotations: { merged: '{"a":1}' }, patchPolicy: "MergePatchJson" }],
  }),
  mesh: (image) => ({
    containers: [
      {
        name: "envoy",
        image: `envoy:${image}`,
        upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" },
      },
    ],
    initContainers: [{ name: "proxy", image: `proxy:${image}`, restartPolicy: "Always" }],
  }),
};

/** Everything in a spec that is no template. */
export function specOf(draws: Draws): Readonly<Record<string, unknown>> {
  return {
    ...draws.pick([{}, {}, { namespaceSelector: { matchLabels: { env: "prod" } } }]),
    ...draws.pick([{}, {}, {}, { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }]),
    ...draws.pick([{}, {}, { injectionStrategy: { paused: true } }, { injectionStrategy: { optOut: "Deny" } }]),
    revisionHistoryLimit: draws.pick([10, 2]),
    updateStrategy: { ...strategyOf(draws), ...interruption(draws) },
  };
}

/** A strategy that lets a rollout go to its end. */
export function strategyOf(draws: Draws): Readonly<Record<string, unknown>> {
  return {
    maxUnavailable: draws.pick<number | string>([1, 2, 5, "25%", "50%"]),
    ...draws.pick([{}, {}, { maxUnavailablePerOwner: 1 }, { maxUnavailablePerOwner: "30%" }]),
    ...draws.pick([
      {},
      { priorityStrategy: { orderPriority: [{ orderedKey: "rank" }, { orderedKey: "zone" }] } },
      {
        priorityStrategy: {
          weightPriority: [
            { weight: 10, matchSelector: { matchLabels: { zone: "a" } } },
            { weight: 20, matchSelector: { matchExpressions: [{ key: "canary", operator: "Exists" }] } },
          ],
        },
      },
    ]),
    ...draws.pick<object>([
      {},
      { scatterStrategy: [{ key: "zone" }] },
      { scatterStrategy: [{ key: "zone", value: "*" }, { key: "canary" }] },
      { scatterStrategy: [{ key: "zone", value: "a" }, { key: "zone", value: "b" }, { key: "rank" }] },
      { scatterStrategy: [{ key: "canary", value: "yes" }] },
    ]),
    progressDeadlineSeconds: draws.pick([600, 60]),
  };
}

function interruption(draws: Draws): Readonly<Record<string, unknown>> {
  return {
    partition: draws.pick<number | string>([0, 0, 0, 1, 3, "50%", "90%"]),
    ...draws.pick([{}, {}, {}, {}, { maxUnavailable: 0 }]),
    ...draws.pick([{}, {}, {}, { selector: { matchLabels: { canary: "yes" } } }]),
    ...draws.pick([{}, {}, {}, {}, {}, {}, {}, {}, { paused: true }, { type: "NotUpdate" }]),
  };
}

export function labelsOf(draws: Draws): Labels {
  return {
    app: draws.pick([...Array<string>(9).fill("web"), "other"]),
    ...draws.pick<Labels>([{ zone: "a" }, { zone: "b" }, { zone: "c" }, {}]),
    ...draws.pick<Labels>([{}, {}, { canary: "yes" }, { canary: "no" }]),
    ...draws.pick<Labels>([{}, { rank: "r-10" }, { rank: "r-9" }]),
  };
}

/** A pod that runs, is ready, and has the sidecars of before. */
export function readyPod(index: number, draws: Draws): PodRecord {
  const born = START - draws.pick([3600, 7200, 7200, 86_400]) * 1000;
  return {
    namespace: draws.pick(NAMESPACES),
    name: `pod-${index}`,
    uid: `uid-${index}`,
    resourceVersion: "1",
    owner: draws.pick(["", "owner-1", "owner-2", "owner-3"]),
    generation: 1,
    observedGeneration: 1,
    labels: { ...labelsOf(draws), app: "web" },
    annotations: recordsOf(SET_NAMES, { image: 0, shape: 0 }),
    nodeName: "node",
    phase: "Running",
    deleting: false,
    createdAt: born,
    ready: true,
    readySince: born + 10_000,
    upgradable: undefined,
    containers: [
      container("logtail", "logtail:0", draws.pick([0, 0, 6000])),
      container("envoy-1", "envoy:0", 0),
      container("envoy-2", "empty:1", 0),
      container("app", "app:1", 0),
    ],
    initContainers: [{ ...container("proxy", "proxy:0", 0), native: true }],
    reportedContainers: 4,
    restarts: 0,
    nativeRestarts: 0,
  };
}

/** Any pod that one meets in a cluster; most are well. */
export function anyPod(index: number, draws: Draws): PodRecord {
  const plain = readyPod(index, draws);
  return draws.below(3) === 2 ? oddPod(plain, draws) : { ...plain, labels: labelsOf(draws) };
}

function oddPod(plain: PodRecord, draws: Draws): PodRecord {
  const sets = draws.pick<readonly SetName[]>([SET_NAMES, SET_NAMES, SET_NAMES, ["logging"], ["mesh"], []]);
  const edition = { image: draws.pick([0, 0, 0, 1]), shape: draws.pick([0, 0, 0, 0, 1]) };
  const { image } = edition;
  const logtail = container("logtail", `logtail:${image}`, draws.pick([0, 6000]));
  const envoy = container("envoy-1", `envoy:${image}`, 0);
  const [, , idle, app] = plain.containers;
  const ready = draws.pick([true, true, true, false]);
  const containers = draws.pick([
    [logtail, envoy, idle!, app!],
    [logtail, envoy, idle!, app!],
    [logtail, envoy, idle!, app!],
    [
      { ...logtail, status: { ...logtail.status!, ready: false, waitingReason: "ImagePullBackOff" } },
      envoy,
      idle!,
      app!,
    ],
    [logtail, envoy, container("envoy-2", "envoy:9", 0), app!],
    [envoy, idle!, app!],
    [logtail, app!],
    [{ ...logtail, status: undefined }, envoy, idle!, app!],
  ]);
  return {
    ...plain,
    labels: labelsOf(draws),
    annotations: { ...recordsOf(sets, edition), ...oddities(draws) },
    nodeName: draws.pick(["node", "node", ""]),
    phase: draws.pick(["Running", "Running", "Running", "Running", "Pending", "Succeeded", "Failed"]),
    deleting: draws.pick([false, false, false, false, false, true]),
    ready,
    readySince: draws.pick([plain.readySince, START - 30_000, undefined]),
    observedGeneration: draws.pick<number | undefined>([1, undefined]),
    containers,
    initContainers: draws.pick([[{ ...container("proxy", `proxy:${image}`, 0), native: true }], []]),
    reportedContainers: containers.length - draws.pick([0, 0, 0, 0, 1]),
    restarts: draws.pick([0, 1, 7]),
  };
}

/** What people, other tools and old releases leave on a pod. */
export function oddities(draws: Draws): Readonly<Record<string, string>> {
  return draws.pick<Readonly<Record<string, string>>>([
    {},
    {},
    {},
    {},
    { "sidecarset.kruise.io/override.logtail.imageTag": "9" },
    { "sidecarset.kruise.io/override.logtail.imageTag": "0" },
    { "sidecarset.kruise.io/skip": "logging" },
    { "sidecarset.kruise.io/inject": "false" },
    { "kubernetes.io/config.mirror": "x" },
    { merged: "no JSON" },
    { "kruise.io/sidecarset-hash": "no JSON" },
    { "kruise.io/sidecarset-hash": '{"logging":"h0-0","mesh":"h1-0"}' },
    { "kruise.io/sidecarset-inplace-update-state": "{" },
  ]);
}

function recordsOf(sets: readonly SetName[], edition: Pick<Edition, "image" | "shape">): PodRecord["annotations"] {
  const record = (hash: string) =>
    JSON.stringify(
      Object.fromEntries(
        sets.map((name) => [
          name,
          {
            updateTimestamp: "2026-06-09T00:00:00Z",
            hash,
            sidecarSetName: name,
            sidecarList: [],
            controllerRevision: `${name}-r${edition.image}`,
          },
        ]),
      ),
    );
  return {
    "kruise.io/sidecarset-hash": record(hashOf(edition)),
    "kruise.io/sidecarset-hash-without-image": record(`s${edition.shape}`),
    "kruise.io/sidecarset-injected-list": sets.join(","),
    "kruise.io/sidecarset-working-hotupgrade-container": '{"envoy":"envoy-1"}',
  };
}

function container(name: string, image: string, staleReadyMs: number): ContainerRecord {
  const status = {
    image,
    imageId: `id-${image}`,
    containerId: `${name}#0`,
    ready: true,
    restartCount: 0,
    startedAt: START - 86_400_000,
    waitingReason: undefined,
  };
  return { name, image, native: false, staleReadyMs, status };
}
