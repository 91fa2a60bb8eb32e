/**
 * `rollout`: all pods of a SidecarSet at once, by the built manager and, in turn with it, by a client that sends the same patches as fast
 * as it can. The same played kubelet follows both.
 */
import type { ChildProcess } from "node:child_process";
import type { Patch } from "../../src/cluster/cluster.ts";
import { storedSidecarSet } from "../../src/cluster/readSidecarSet.ts";
import { NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject, Namespace } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { podRecord } from "../../src/core/pod/podRecord.ts";
import { planRollout } from "../../src/core/rollout/planRollout.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../../src/core/sidecarSet/hash.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import type { SidecarSetStatus } from "../../src/core/sidecarSet/sidecarSetStatus.ts";
import type { KubeApi } from "../../src/kubeapi/connect.ts";
import { median, rounded } from "../median.ts";
import type { BarePatched, BarePatches } from "./barePatcher.ts";
import { ask, startProcess } from "./benchProcess.ts";
import { benchmark, type RealCluster } from "./controlPlane.ts";
import { createFleet, injectedBy, prepareFleet } from "./fleetOnServer.ts";
import { type ManagerProcess, startManager, unregister } from "./manager.ts";
import type { SeenRollout } from "./playedKubelet.ts";
import { cpuMs, memoryMb } from "./processFigures.ts";
import { scaled } from "./scale.ts";
import { createSidecarSets, SELECTED, SET_NAME, SIDECAR } from "./sidecarSets.ts";
import { until } from "./until.ts";

const SIZES = [scaled(1_000), scaled(5_000)] as const;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** With more at once the API server is not faster. */
const BARE_AT_ONCE = 16;
const NAME = { name: SET_NAME };

type StoredSet = KubeObject & { readonly status?: SidecarSetStatus };

interface World extends RealCluster {
  readonly kubelet: ChildProcess;
  readonly patcher: ChildProcess;
  readonly pods: number;
}

/** Until the watch shows the last pod's image, and until the last pod is ready again. */
interface Rollout {
  readonly writtenMs: number;
  readonly readyMs: number;
}

interface ByManager extends Rollout {
  readonly cpuMs: number;
  readonly statusWrites: number;
  readonly peakRssMb: number;
}

let images = 0;

void benchmark(async (cluster) => {
  const { api, kubeconfig, atEnd } = cluster;
  await prepareFleet(api, SIZES[1]);
  const manager = await startManager(kubeconfig);
  atEnd(() => manager.stop());
  const fleet = { labels: SELECTED, annotations: injectedBy(SET_NAME, await createSidecarSets(api)) };
  await end(cluster, manager);
  const figures: Record<string, object> = {};
  let created = 0;
  for (const pods of SIZES) {
    await createFleet(api, [created, pods], fleet);
    created = pods;
    figures[`with${pods}Pods`] = await measured(cluster, pods);
  }
  return { ...figures, rounds: ROUNDS, limits: { rateOfBare: 0.8, cpuMsPerPod: 1, statusWritesPer1000: 20 } };
});

async function measured(cluster: RealCluster, pods: number): Promise<object> {
  const [kubelet, patcher] = [
    await startProcess(cluster, "playedKubelet.ts"),
    await startProcess(cluster, "barePatcher.ts"),
  ];
  await ask(kubelet, { kind: "start", kubeconfig: cluster.kubeconfig });
  const world = { ...cluster, kubelet, patcher, pods };
  await byBareClient(world); // warms API server, kubelet and client up
  const rounds: (readonly [ByManager, Rollout])[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await byBareClient(world);
    const ours = await byManager(world);
    rounds.push([ours, bare]);
    console.error(`${pods} pods: ours ${JSON.stringify(ours)}, bare ${JSON.stringify(bare)}`);
  }
  for (const child of [kubelet, patcher]) child.kill();
  const rate = (ms: number): number => Math.round((pods * 1000) / ms);
  const ours = rounds.map(([one]) => one);
  const of = (figure: keyof ByManager): number => median(ours.map((one) => one[figure]));
  return {
    writesPerSecond: rate(of("writtenMs")),
    bareWritesPerSecond: rate(median(rounds.map(([, bare]) => bare.writtenMs))),
    rateOfBare: rounded(median(rounds.map(([one, bare]) => bare.writtenMs / one.writtenMs)), 2),
    readySeconds: rounded(of("readyMs") / 1000, 2),
    bareReadySeconds: rounded(median(rounds.map(([, bare]) => bare.readyMs)) / 1000, 2),
    cpuMsPerPod: rounded(of("cpuMs") / pods, 2),
    statusWritesPer1000: rounded((of("statusWrites") * 1000) / pods, 1),
    peakRssMb: rounded(of("peakRssMb"), 1),
  };
}

/** Starts when everything is at rest; counts from the edit of the SidecarSet. */
async function byManager(world: World): Promise<ByManager> {
  const { api, kubeconfig, kubelet, pods } = world;
  const manager = await startManager(kubeconfig);
  await complete(world);
  const image = nextImage();
  await until("the webhook judges SidecarSets", () => api.patch(SIDECAR_SETS, NAME, edit(image), { dryRun: true }));
  const cpuBefore = cpuMs(manager.pid);
  const counting = new AbortController();
  const writes = countWrites(world, counting.signal);
  const began = Date.now();
  await api.patch(SIDECAR_SETS, NAME, edit(image));
  const seen = await ask<SeenRollout>(kubelet, { kind: "await", image, pods });
  await complete(world);
  const cpu = cpuMs(manager.pid) - cpuBefore;
  counting.abort();
  const figures = {
    writtenMs: seen.lastWritten - began,
    readyMs: seen.lastReady - began,
    cpuMs: cpu,
    statusWrites: (await writes) - 1, // one is the edit
    peakRssMb: rounded(memoryMb(manager.pid).peak, 1),
  };
  await end(world, manager);
  return figures;
}

/** While no manager runs: the patches that one would send, made beforehand; counts from the first one. */
async function byBareClient({ api, kubeconfig, kubelet, patcher, pods }: World): Promise<Rollout> {
  const image = nextImage();
  const edited = await api.patch<StoredSet>(SIDECAR_SETS, NAME, edit(image));
  const { hash, hashWithoutImage } = sidecarSetHashes(readable(edited));
  const annotations = { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage };
  const stored = await api.patch<StoredSet>(SIDECAR_SETS, NAME, {
    type: "merge",
    patch: { metadata: { annotations } },
  });
  const patches = await plannedPatches(api, readable(stored));
  if (patches.length !== pods) throw new Error(`${patches.length} of ${pods} pods would be upgraded`);
  const work: BarePatches = { kubeconfig, patches, atOnce: BARE_AT_ONCE };
  const { began } = await ask<BarePatched>(patcher, work);
  const seen = await ask<SeenRollout>(kubelet, { kind: "await", image, pods });
  return { writtenMs: seen.lastWritten - began, readyMs: seen.lastReady - began };
}

async function plannedPatches(api: KubeApi, set: SidecarSet): Promise<BarePatches["patches"]> {
  const { items } = await api.list<Pod>(PODS, { sparse: true });
  const namespaces = (await api.list<Namespace>(NAMESPACES)).items;
  const { actions } = planRollout({
    set,
    pods: items.map(podRecord),
    namespaces: new Map(namespaces.map(({ metadata }) => [metadata.name ?? "", metadata.labels ?? {}])),
    revisions: [revisionOf(set, { revision: 1, collisionCount: 0 })],
    now: Date.now(),
  });
  return actions.flatMap((action) =>
    action.kind === "upgradePod" ? [{ pod: action.pod, operations: action.operations }] : [],
  );
}

/** Every pod is updated and ready, and the status says so. */
function complete({ api, pods }: World): Promise<void> {
  return until("the rollout is complete", async () => {
    const { metadata, status } = await api.get<StoredSet>(SIDECAR_SETS, NAME);
    const { observedGeneration, updatedReadyPods, rollout } = status ?? {};
    if (observedGeneration !== metadata.generation || updatedReadyPods !== pods || rollout?.phase !== "Complete")
      throw new Error(JSON.stringify({ updatedReadyPods, rollout }));
  });
}

/** Events of the SidecarSet until the signal aborts. */
async function countWrites({ api }: World, signal: AbortSignal): Promise<number> {
  const { resourceVersion } = await api.list(SIDECAR_SETS);
  let writes = 0;
  const fieldSelector = `metadata.name=${SET_NAME}`;
  for await (const { type } of api.watch(SIDECAR_SETS, { resourceVersion, fieldSelector, signal }))
    if (type === "MODIFIED") writes++;
  return writes;
}

/** No manager runs, and nobody is asked for admission. */
async function end({ api }: RealCluster, manager: ManagerProcess): Promise<void> {
  await manager.stop();
  await unregister(api);
}

function edit(image: string): Patch {
  const updateStrategy = { maxUnavailable: "100%" };
  return {
    type: "json",
    operations: [
      { op: "replace", path: "/spec/containers/0/image", value: image },
      { op: "add", path: "/spec/updateStrategy", value: updateStrategy },
    ],
  };
}

function nextImage(): string {
  return SIDECAR.image.replace(/:.*/, `:2.0.${++images}`);
}

function readable(object: KubeObject): SidecarSet {
  const parsed = storedSidecarSet(object);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
