import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTROLLER_REVISIONS, CUSTOM_RESOURCE_DEFINITIONS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { readDefinition } from "../contract/sidecarSetsKind.ts";
import { freePorts } from "../freePorts.ts";
import { type RunningProgram, startProgram } from "../program/runProgram.ts";
import { type EarlierVersion, ensureEarlierVersion } from "./earlierVersion.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";
import { type PodsWithoutEnd, startPodsWithoutEnd } from "./podsWithoutEnd.ts";

const NAME = "upgrade";
const PODS = 100;
/** Small, so that the rollout is under way for as long as the managers change. */
const LIMIT = 2;
const NEXT_LIMIT = 20;
const KEPT = 20;
const [V1, V2, V3] = ["logtail:1.0.0", "logtail:1.0.1", "logtail:1.0.2"] as const;

let earlier: EarlierVersion;
let rollout: ObservedRollout;
let managers: Managers;
let old: RunningProgram;
let pods: PodsWithoutEnd;

beforeAll(async () => {
  earlier = await ensureEarlierVersion();
  rollout = await ObservedRollout.prepare({
    ...{ name: NAME, pods: PODS, image: V1 },
    updateStrategy: { maxUnavailable: LIMIT },
  });
  managers = new Managers(rollout.systemNamespace);
  await define(earlier.definition);
  old = await startEarlierManager();
  await rollout.begin();
  pods = startPodsWithoutEnd(() => rollout.tryPod(), "logtail");
}, 240_000);

afterAll(async () => {
  await pods?.stop();
  old?.process.kill("SIGTERM");
  // Before their namespace goes, and with it their rights.
  await Promise.all([old?.ended, managers?.close()]);
  await define(await readDefinition());
  await rollout?.close();
}, 180_000);

describe("an upgrade of the manager in the middle of a rollout", () => {
  it("goes on where the manager before stopped: every pod once, within its limits, up to the partition", async () => {
    rollout.observer.expect({ maxUnavailable: LIMIT, kept: KEPT, samePods: true });
    await rollout.setImage(V2, { partition: KEPT });
    await rollout.until(() => rollout.observer.withImage(V2).length >= LIMIT);
    await define(await readDefinition());
    await managers.start();
    const both = rollout.observer.withImage(V2).length;
    old.process.kill("SIGTERM");
    expect(await old.ended).toMatchObject({ code: 0 });
    const alone = rollout.observer.withImage(V2).length;
    await rollout.updated(V2, PODS - KEPT);
    console.log(
      `from ${earlier.commit.slice(0, 7)}: the next manager came at ${both} of ${PODS - KEPT}, was alone at ${alone}`,
    );
    expect(alone).toBeLessThan(PODS - KEPT);
    held(PODS - KEPT, LIMIT);
  }, 180_000);

  it("has refused no pod meanwhile, and left none without its sidecar", async () => {
    expect(pods.refused).toEqual([]);
    expect(pods.created).toBeGreaterThan(PODS);
    expect(pods.injected).toBe(pods.created);
  });

  it("knows the revisions of before, and rolls out the next one", async () => {
    expect(await revisions()).toBe(2);
    rollout.observer.expect({ maxUnavailable: NEXT_LIMIT, samePods: true });
    await rollout.setImage(V3, { partition: 0, maxUnavailable: NEXT_LIMIT });
    await rollout.updated(V3, PODS);
    held(PODS, NEXT_LIMIT);
    expect(await revisions()).toBe(3);
  }, 180_000);
});

/** What the observer saw since the change: each pod written once, and never more at once than allowed. */
function held(writes: number, limit: number): void {
  const { observer } = rollout;
  expect(observer.violations).toEqual([]);
  expect(observer.imageWrites).toBe(writes);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(limit);
}

async function startEarlierManager(): Promise<RunningProgram> {
  const [port = 0] = await freePorts(1);
  const where = ["--webhook-url", `https://127.0.0.1:${port}`, "--listen", "127.0.0.1", "--port", String(port)];
  const flags = ["run", "--kubeconfig", realKubeconfig(), "--system-namespace", rollout.systemNamespace, ...where];
  const manager = startProgram(flags, { program: earlier.program });
  await manager.said("manager started");
  return manager;
}

/** As `kubectl replace` of the definition. */
async function define(definition: KubeObject): Promise<void> {
  const { name = "" } = definition.metadata;
  const { metadata } = await rollout.cluster.get(CUSTOM_RESOURCE_DEFINITIONS, { name });
  const resourceVersion = metadata.resourceVersion ?? "";
  await rollout.cluster.update(CUSTOM_RESOURCE_DEFINITIONS, { ...definition, metadata: { name, resourceVersion } });
}

async function revisions(): Promise<number> {
  const { items } = await rollout.cluster.list(CONTROLLER_REVISIONS, { namespace: rollout.systemNamespace });
  return items.length;
}
