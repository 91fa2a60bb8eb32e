/**
 * `manager-size`: memory, start and idle CPU of the built manager with 0, 1,000 and 10,000 pods, and its CPU for an event of a pod that
 * no SidecarSet selects.
 */
import { spawn } from "node:child_process";
import { PODS } from "../../src/cluster/resource.ts";
import type { KubeApi } from "../../src/kubeapi/connect.ts";
import { median, rounded } from "../median.ts";
import { benchmark, type RealCluster } from "./controlPlane.ts";
import { createFleet, injectedBy, inParallel, type PodName, prepareFleet } from "./fleetOnServer.ts";
import { startManager, unregister } from "./manager.ts";
import { cpuMs, memoryMb } from "./processFigures.ts";
import { scaled } from "./scale.ts";
import { createSidecarSets, SELECTED, SET_NAME, UNSELECTED } from "./sidecarSets.ts";

const FEW = scaled(1_000);
const MANY = scaled(10_000);
const UNRELATED = scaled(200);
const STARTS = scaled(5);
/** What a start needs for a moment has been given back by then. */
const SETTLED_MS = 10_000;
const IDLE_MS = scaled(60) * 1000;
const EVENTS = scaled(6_000);
/** What comes after the last event is waited for. */
const TRAILING_MS = 2_000;

void benchmark(async (cluster) => {
  const { api } = cluster;
  await prepareFleet(api, MANY);
  const injected = await injectedFleet(cluster);
  const bareNodeMb = await bareNode();
  const empty = await starts(cluster);
  const unrelated = await createFleet(api, [0, UNRELATED], { labels: UNSELECTED, annotations: {} });
  await createFleet(api, [UNRELATED, FEW], injected);
  const few = await starts(cluster);
  const running = await whileRunning(cluster, unrelated);
  await createFleet(api, [FEW, MANY], injected);
  const many = await starts(cluster);
  return {
    bareNodeMb,
    rssMb: empty.rssMb,
    [`rssMbWith${FEW}`]: few.rssMb,
    [`rssMbWith${MANY}`]: many.rssMb,
    [`peakRssMbWith${MANY}`]: many.peakMb,
    readyMs: empty.readyMs,
    [`readyMsWith${FEW}`]: few.readyMs,
    [`readyMsWith${MANY}`]: many.readyMs,
    readyCpuMs: empty.readyCpuMs,
    [`readyCpuMsWith${MANY}`]: many.readyCpuMs,
    ...running,
    starts: STARTS,
    limits: { rssMb: [75, 85, 120], readyMs: [1500, 1500, 2000], idlePercent: 0.2, eventUs: 60 },
  };
});

/** @returns what pods have in common that the set selects and whose sidecars are of its revision: nothing is left to be done */
async function injectedFleet(cluster: RealCluster) {
  const manager = await startManager(cluster.kubeconfig);
  cluster.atEnd(() => manager.stop());
  const hashes = await createSidecarSets(cluster.api);
  await manager.stop();
  await unregister(cluster.api);
  return { labels: SELECTED, annotations: injectedBy(SET_NAME, hashes) };
}

interface Starts {
  readonly rssMb: number;
  readonly peakMb: number;
  readonly readyMs: number;
  /** What of it was work of this process. */
  readonly readyCpuMs: number;
}

/** Medians of some starts with what is in the cluster now. */
async function starts({ api, kubeconfig }: RealCluster): Promise<Starts> {
  const rss: number[] = [];
  const peak: number[] = [];
  const ready: number[] = [];
  const readyCpu: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const manager = await startManager(kubeconfig);
    readyCpu.push(cpuMs(manager.pid));
    ready.push(manager.readyMs);
    await sleep(SETTLED_MS);
    const memory = memoryMb(manager.pid);
    rss.push(memory.now);
    peak.push(memory.peak);
    await manager.stop();
  }
  // While nobody answers, the fleet can go on growing.
  await unregister(api);
  const figures = {
    rssMb: rounded(median(rss), 1),
    peakMb: rounded(median(peak), 1),
    readyMs: Math.round(median(ready)),
    readyCpuMs: Math.round(median(readyCpu)),
  };
  console.error(`${STARTS} starts: ${JSON.stringify(figures)}`);
  return figures;
}

/** CPU of a manager that has been up for a while: with nothing to do, and for each of many heartbeats of pods that are not its business. */
async function whileRunning({ api, kubeconfig, atEnd }: RealCluster, unrelated: readonly PodName[]): Promise<object> {
  const { pid, stop } = await startManager(kubeconfig);
  atEnd(stop);
  await sleep(SETTLED_MS);
  const idle = await cpuWhile(pid, () => sleep(IDLE_MS));
  await beats(api, unrelated, "warm-up");
  const events = await cpuWhile(pid, async () => {
    await beats(api, unrelated, "measured");
    await sleep(TRAILING_MS);
  });
  const memory = rounded(memoryMb(pid).now, 1);
  await stop();
  await unregister(api);
  const idleShare = idle.cpuMs / idle.ms;
  const figures = {
    idlePercent: rounded(idleShare * 100, 2),
    idleSeconds: Math.round(idle.ms / 1000),
    eventUs: rounded(((events.cpuMs - idleShare * events.ms) * 1000) / EVENTS, 1),
    events: EVENTS,
    eventsPerSecond: Math.round((EVENTS * 1000) / (events.ms - TRAILING_MS)),
    rssMbAfterEvents: memory,
  };
  console.error(`running: ${JSON.stringify(figures)}`);
  return figures;
}

async function beats(api: KubeApi, pods: readonly PodName[], round: string): Promise<void> {
  await inParallel(EVENTS, async (beat) => {
    const patch = { metadata: { annotations: { "example.com/heartbeat": `${round}-${beat}` } } };
    await api.patch(PODS, pods[beat % pods.length]!, { type: "merge", patch });
  });
}

async function cpuWhile(
  pid: number,
  work: () => Promise<void>,
): Promise<{ readonly cpuMs: number; readonly ms: number }> {
  const [before, started] = [cpuMs(pid), performance.now()];
  await work();
  return { cpuMs: cpuMs(pid) - before, ms: performance.now() - started };
}

/** What Node itself has resident on this machine. */
async function bareNode(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  const endWithUs = (): void => void child.kill();
  process.once("exit", endWithUs);
  await sleep(1_000);
  const { now } = memoryMb(child.pid!);
  child.kill();
  process.off("exit", endWithUs);
  return rounded(now, 1);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
