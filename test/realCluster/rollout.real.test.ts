import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import {
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { objectVanishes } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { freePorts } from "../freePorts.ts";
import { type RunningProgram, startProgram } from "../program/runProgram.ts";
import { type Limits, RolloutObserver } from "../stories/rolloutObserver.ts";
import type { StoredSet } from "../stories/storyCluster.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { managerKubeconfig } from "./managerAccount.ts";
import { playNodes } from "./playedNodes.ts";

const SYSTEM_NAMESPACE = "rollout-system";
const NAMESPACE = "rollout";
const NAME = "rollout-logging";
const PODS_IN_ALL = 300;
const CANARIES = 30;
/** 10 %. */
const LIMIT = 30;
const [V1, V2, V3, V4, BROKEN] = ["logtail:1", "logtail:2", "logtail:3", "logtail:4", "logtail:missing"] as const;
const PATIENCE_MS = 120_000;

const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
const stop = new AbortController();
const undo: (() => unknown)[] = [];
let cluster: KubeApi;
let port: number;
let manager: RunningProgram;
let pods: LocalCopy<Pod>;
let observer: RolloutObserver;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  undo.push(() => cluster.close());
  undo.push(() => stop.abort());
  await installSidecarSets(cluster);
  for (const name of [SYSTEM_NAMESPACE, NAMESPACE]) {
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    undo.push(() => cluster.delete(NAMESPACES, { name }));
  }
  const nodes = await playNodes(cluster);
  undo.push(() => nodes.stop());
  [port = 0] = await freePorts(1);
  await startManager();
  undo.push(() => end("SIGTERM"));
  for (const [type, name] of [
    [VALIDATING_WEBHOOKS, "sidecarset-validating"],
    [MUTATING_WEBHOOKS, "sidecarset-mutating"],
  ] as const)
    undo.push(() => cluster.delete(type, { name }));
  pods = startInformer<Pod, Pod>({
    cluster,
    environment,
    signal: stop.signal,
    type: PODS,
    transform: (pod) => pod,
    listOptions: { namespace: NAMESPACE },
  });
  observer = new RolloutObserver(pods, "logtail");
  await pods.synced;
}, PATIENCE_MS);

afterAll(async () => {
  observer.expect({});
  await cluster.delete(SIDECAR_SETS, { name: NAME }).catch(() => undefined);
  for (const name of ["web", "canary"]) await cluster.delete(DEPLOYMENTS, { namespace: NAMESPACE, name });
  await until(() => [...pods.values()].length === 0);
  for (const step of undo.reverse()) await step();
  await connect({ kubeconfig: realKubeconfig(), variables: {} }).then(async (api) => {
    await objectVanishes(api, NAMESPACES, { name: NAMESPACE });
    await api.close();
  });
}, PATIENCE_MS);

describe("300 pods of real Deployments", { timeout: PATIENCE_MS }, () => {
  it("get their sidecar at creation", async () => {
    await cluster.create(SIDECAR_SETS, sidecarSet());
    await until(async () => (await condition("Registered"))?.status === "True");
    await timed("created and ready", async () => {
      await cluster.create(DEPLOYMENTS, deployment("web", PODS_IN_ALL - CANARIES));
      await cluster.create(DEPLOYMENTS, deployment("canary", CANARIES, { canary: "true" }));
      await until(() => observer.size === PODS_IN_ALL && observer.unavailable.length === 0);
    });
    expect(observer.withImage(V1)).toHaveLength(PODS_IN_ALL);
    await statusBecomes({ matchedPods: PODS_IN_ALL, updatedPods: PODS_IN_ALL, updatedReadyPods: PODS_IN_ALL });
  });

  it("are upgraded by a partition: half of them, then all", async () => {
    expectWithin({ kept: PODS_IN_ALL / 2 });
    await edit({ updateStrategy: { partition: "50%" } });
    await timed("half", async () => {
      await setImage(V2);
      await statusBecomes({ updatedPods: 150, updatedReadyPods: 150, readyPods: PODS_IN_ALL });
    });
    expect(observer.withImage(V2)).toHaveLength(150);
    expect(observer.imageWrites).toBe(150);
    await toldAs("Held", { U05: 150 });

    expectWithin();
    await timed("the other half", async () => {
      await edit({ updateStrategy: { partition: 0 } });
      await everyPodRuns(V2);
    });
    expect(observer.imageWrites).toBe(150);
    held();
  });

  it("go back by the old template, whose revision is used again and becomes the newest", async () => {
    const before = await revisions();
    expectWithin();
    await timed("undo", async () => {
      await setImage(V1);
      await everyPodRuns(V1);
    });
    expect(observer.imageWrites).toBe(PODS_IN_ALL);
    held();
    const after = await revisions();
    expect(after.map(({ metadata }) => metadata.name).sort()).toEqual(
      before.map(({ metadata }) => metadata.name).sort(),
    );
    expect(after.at(-1)!.metadata.name).toBe(before.at(-2)!.metadata.name);
    expect(after.at(-1)!.revision).toBe(before.at(-1)!.revision + 1);
    expect((await set()).status!.latestRevision).toBe(after.at(-1)!.metadata.name);
  });

  it("are upgraded canaries first, then rolling, also when the manager is killed on the way", async () => {
    expectWithin({ kept: PODS_IN_ALL - CANARIES });
    await edit({ updateStrategy: { selector: { matchLabels: { canary: "true" } } } });
    await timed("canaries", async () => {
      await setImage(V3);
      await statusBecomes({ updatedPods: CANARIES, updatedReadyPods: CANARIES, readyPods: PODS_IN_ALL });
    });
    const canaries = observer.withImage(V3);
    expect(canaries).toHaveLength(CANARIES);
    expect(canaries.every(({ name }) => name.startsWith("canary-"))).toBe(true);
    await toldAs("Held", { U04: PODS_IN_ALL - CANARIES });

    expectWithin();
    await timed("rolling, with a kill", async () => {
      await edit({ updateStrategy: { selector: null } });
      await until(() => observer.withImage(V3).length >= 100);
      await end("SIGKILL");
      const reached = observer.withImage(V3).length;
      await startManager();
      await everyPodRuns(V3);
      console.log(`killed at ${reached} of ${PODS_IN_ALL}`);
    });
    expect(observer.imageWrites).toBe(PODS_IN_ALL - CANARIES);
    held();
  });

  it("stop at maxUnavailable when an image cannot be pulled, say why, and heal by a good one", async () => {
    expectWithin({ kept: PODS_IN_ALL - LIMIT });
    await timed("blocked", async () => {
      await setImage(BROKEN);
      await statusBecomes({ updatedPods: LIMIT, updatedReadyPods: 0, readyPods: PODS_IN_ALL - LIMIT });
      await until(() => {
        const { ErrImagePull: failed = 0, ImagePullBackOff: waits = 0 } = waitingReasons();
        return waits > 0 && failed + waits === LIMIT;
      });
    });
    expect(observer.withImage(BROKEN)).toHaveLength(LIMIT);
    await toldAs("Blocked", { U06: PODS_IN_ALL - LIMIT });
    expect((await condition("Stalled"))!.message).toMatch(/ErrImagePull|ImagePullBackOff/);

    expectWithin();
    await timed("healed", async () => {
      await setImage(V4);
      await everyPodRuns(V4);
    });
    expect(observer.imageWrites).toBe(PODS_IN_ALL);
    held();
  });
});

async function startManager(): Promise<void> {
  manager = startProgram([
    ...["run", "--kubeconfig", await managerKubeconfig(SYSTEM_NAMESPACE), "--system-namespace", SYSTEM_NAMESPACE],
    ...["--webhook-url", `https://127.0.0.1:${port}`, "--listen", "127.0.0.1", "--port", String(port)],
  ]);
  await manager.said("manager started");
}

async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  manager.process.kill(signal);
  const { code, stderr } = await manager.ended;
  expect(code).toBe(signal === "SIGTERM" ? 0 : null);
  const farewell = "the webhook stays registered";
  const trouble = stderr
    .split("\n")
    .filter((line) => /"level":"(?:warn|error)"/.test(line) && !line.includes(farewell));
  expect(trouble).toEqual([]);
}

function sidecarSet(): KubeObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: NAME },
    spec: {
      selector: { matchLabels: { rollout: "real" } },
      containers: [{ name: "logtail", image: V1 }],
      updateStrategy: { maxUnavailable: "10%" },
    },
  } as KubeObject;
}

function deployment(name: string, replicas: number, more: Readonly<Record<string, string>> = {}): KubeObject {
  const labels = { app: name, rollout: "real", ...more };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels },
        spec: { automountServiceAccountToken: false, containers: [{ name: "app", image: "app:1" }] },
      },
    },
  } as KubeObject;
}

/** No ready pod is touched beyond the limit, no app container restarts and no pod is made again, at every event from here on. */
function expectWithin(limits: Limits = {}): void {
  observer.expect({ maxUnavailable: LIMIT, samePods: true, ...limits });
}

function held(): void {
  expect(observer.violations).toEqual([]);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(LIMIT);
}

async function edit(spec: JsonObject): Promise<void> {
  await cluster.patch(SIDECAR_SETS, { name: NAME }, { type: "merge", patch: { spec } });
}

async function setImage(image: string): Promise<void> {
  observer.expectImage(image);
  const operations = [{ op: "replace", path: "/spec/containers/0/image", value: image }] as const;
  await cluster.patch(SIDECAR_SETS, { name: NAME }, { type: "json", operations });
}

function set(): Promise<StoredSet> {
  return cluster.get<StoredSet>(SIDECAR_SETS, { name: NAME });
}

async function everyPodRuns(image: string): Promise<void> {
  await until(() => observer.withImage(image).length === PODS_IN_ALL && observer.unavailable.length === 0);
  await statusBecomes({ updatedPods: PODS_IN_ALL, updatedReadyPods: PODS_IN_ALL, readyPods: PODS_IN_ALL });
}

async function statusBecomes(wanted: NonNullable<StoredSet["status"]>): Promise<void> {
  const reached = async (): Promise<boolean> => {
    const { metadata, status = {} } = await set();
    const fields = Object.entries({ ...wanted, observedGeneration: metadata.generation });
    return fields.every(([field, value]) => status[field as keyof typeof status] === value);
  };
  await until(reached, async () => JSON.stringify((await set()).status));
}

async function revisions(): Promise<readonly ControllerRevision[]> {
  const { items } = await cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace: SYSTEM_NAMESPACE });
  return [...items].sort((one, other) => one.revision - other.revision);
}

/** Where the status says the rollout stands, and how many pods wait or are left alone for each reason. */
async function toldAs(phase: string, counts: Readonly<Record<string, number>>): Promise<void> {
  const told = async () => {
    const { rollout, waiting = [] } = (await set()).status ?? {};
    return { phase: rollout?.phase, counts: Object.fromEntries(waiting.map(({ code, count }) => [code, count])) };
  };
  const reached = async () => JSON.stringify(await told()) === JSON.stringify({ phase, counts });
  await until(reached, async () => JSON.stringify(await told()));
}

async function condition(type: string) {
  return (await set()).status?.conditions?.find((one) => one.type === type);
}

/** What the kubelet says about sidecars that do not run. */
function waitingReasons(): Readonly<Record<string, number>> {
  return tally(
    [...pods.values()].flatMap((pod) => {
      const status = pod.status?.containerStatuses?.find(({ name }) => name === "logtail");
      return status?.state?.waiting?.reason ?? [];
    }),
  );
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const startedAt = Date.now();
  await work();
  const { imageWrites, mostUnavailable } = observer;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${what}: ${seconds} s, ${imageWrites} pods written, at most ${mostUnavailable} unavailable`);
}

/** Looks again and again at what watches bring, for the real world cannot be advanced. */
async function until(
  condition: () => boolean | Promise<boolean>,
  state: () => unknown = () => `${observer.size} pods, ${observer.unavailable.length} unavailable`,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not come true: ${String(await state())}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
