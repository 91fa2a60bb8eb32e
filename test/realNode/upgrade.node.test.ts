import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEPLOYMENTS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { RolloutObserver } from "../stories/rolloutObserver.ts";
import { type ContainerProcess, containerStatusOf, processOf } from "./containerProcess.ts";
import { ask, deployment, isReady, type NodeWorld, startNodeWorld } from "./nodeWorld.ts";

const PORTS = { app: 9000, sidecar: 9001, native: 9002 };
const CONTAINERS = ["app", "sidecar", "native"] as const;
type Name = (typeof CONTAINERS)[number];
type Processes = Readonly<Record<Name, ContainerProcess | undefined>>;

let world: NodeWorld;
let observer: RolloutObserver;

beforeAll(async () => {
  world = await startNodeWorld("node-upgrade");
  observer = new RolloutObserver(world.pods, "sidecar");
});
afterAll(() => world.stop());

describe("three pods on a real node", () => {
  it("get a sidecar and a native sidecar at creation, by the webhook, and each program answers", async () => {
    await world.createSet({
      selector: { matchLabels: { app: "web" } },
      containers: [{ name: "sidecar", image: "local/sidecar:1", env: [{ name: "PORT", value: "9001" }] }],
      initContainers: [
        { name: "native", image: "local/sidecar:1", restartPolicy: "Always", env: [{ name: "PORT", value: "9002" }] },
      ],
      updateStrategy: { maxUnavailable: 1 },
    });
    await world.cluster.create(DEPLOYMENTS, deployment(world.namespace, 3));
    await world.until("three ready pods", () => world.podsNow().length === 3 && world.podsNow().every(isReady));
    await world.rolledOut();
    observer.expect({ maxUnavailable: 1, samePods: true });
    expect(await versions()).toEqual(ofEachPod({ app: "1", sidecar: "1", native: "1" }));
    for (const processes of processesOfPods()) expect(processes).toEqual(threeRunning());
    const { status } = await world.set();
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: "Registered", status: "True" }));
  });

  it("have one container replaced by a new image; its neighbours keep their process", async () => {
    await replacesOnly("sidecar", () => world.setImage("containers", "local/sidecar:2"));
    expect(await versions()).toEqual(ofEachPod({ app: "1", sidecar: "2", native: "1" }));
  });

  it("have a native sidecar replaced in the same way", async () => {
    await replacesOnly("native", () => world.setImage("initContainers", "local/sidecar:2"));
    expect(await versions()).toEqual(ofEachPod({ app: "1", sidecar: "2", native: "2" }));
  });

  it("go back to the image before, as far and no further", async () => {
    await replacesOnly("sidecar", () => world.setImage("containers", "local/sidecar:1"));
    expect(await versions()).toEqual(ofEachPod({ app: "1", sidecar: "1", native: "2" }));
    const { status } = await world.set();
    expect(status?.history?.[0]).toMatchObject({ change: "sidecar: 2 -> 1", result: "Promoted" });
  });

  it("count as done with another tag of the same image, although the status shows the tag before", async () => {
    await replacesOnly("sidecar", () => world.setImage("containers", "local/sidecar:3"));
    const before = sidecarStatuses();
    await replacesOnly("sidecar", () => world.setImage("containers", "local/sidecar:stable"));
    expect(await versions()).toEqual(ofEachPod({ app: "1", sidecar: "3", native: "2" }));
    const same = (status: (typeof before)[number]) => ({ image: status?.image, imageID: status?.imageID });
    expect(sidecarStatuses().map(same)).toEqual(before.map(same));
  });

  it("stop at the budget when an image cannot be pulled, say why, and heal by the image before", async () => {
    const before = processesOfPods();
    observer.expectImage("local/sidecar:missing");
    await world.setImage("containers", "local/sidecar:missing");
    await world.until("blocked", async () => (await world.set()).status?.rollout?.phase === "Blocked");
    const [broken, ...others] = observer.withImage("local/sidecar:missing");
    expect(others).toEqual([]);
    const { status } = await world.set();
    expect(status).toMatchObject({ stuckPods: 1, updatedPods: 1, updatedReadyPods: 0, budget: { limit: 1, used: 1 } });
    expect(status?.waiting).toEqual([expect.objectContaining({ code: "U06", count: 2 })]);
    const stalled = status?.conditions?.find(({ type }) => type === "Stalled");
    expect(stalled).toMatchObject({ status: "True", reason: "BudgetExhausted" });
    expect(stalled?.message).toContain(broken!.name);
    expect(stalled?.message).toMatch(/ErrImagePull|ImagePullBackOff|CrashLoopBackOff/);
    const brokenAt = world.podsNow().findIndex(({ metadata }) => metadata.name === broken!.name);
    const withoutIt = before.map((pod, index) => (index === brokenAt ? { ...pod, sidecar: undefined } : pod));
    expect(processesOfPods()).toEqual(withoutIt);

    observer.expectImage("local/sidecar:stable");
    await world.setImage("containers", "local/sidecar:stable");
    await world.rolledOut();
    const healed = processesOfPods();
    const restarted = { restartCount: before[brokenAt]!.sidecar!.restartCount + 1 };
    expect(healed[brokenAt]?.sidecar).toMatchObject(restarted);
    expect(healed.map((pod, index) => (index === brokenAt ? { ...pod, sidecar: undefined } : pod))).toEqual(withoutIt);
    expect(await versions()).toEqual(ofEachPod({ app: "1", sidecar: "3", native: "2" }));
    expect(observer.violations).toEqual([]);
  });
});

/** In every pod this container becomes another process, once, and no other container does. */
async function replacesOnly(name: Name, change: () => Promise<void>): Promise<void> {
  const before = processesOfPods();
  await change();
  await world.rolledOut();
  const after = processesOfPods();
  expect(after.map((pod) => ({ ...pod, [name]: undefined }))).toEqual(
    before.map((pod) => ({ ...pod, [name]: undefined })),
  );
  for (const [index, pod] of after.entries()) {
    const [old, young] = [before[index]?.[name], pod[name]];
    expect(young?.restartCount).toBe(old!.restartCount + 1);
    expect(young?.startedAt).toBeGreaterThan(old!.startedAt);
    expect([young?.pid, young?.containerId]).not.toEqual([old?.pid, old?.containerId]);
    expect(pod.app?.restartCount).toBe(0);
  }
  expect(observer.violations).toEqual([]);
}

function processesOfPods(): readonly Processes[] {
  const of = (pod: Pod): Processes => ({
    app: processOf(pod, "app"),
    sidecar: processOf(pod, "sidecar"),
    native: processOf(pod, "native"),
  });
  return world.podsNow().map(of);
}

function threeRunning() {
  const running = { pid: expect.any(Number), startedAt: expect.any(Number), restartCount: 0 };
  return Object.fromEntries(CONTAINERS.map((name) => [name, expect.objectContaining(running)]));
}

/** What the programs answer, by pod. */
function versions(): Promise<readonly Readonly<Record<string, string>>[]> {
  const answer = async (pod: Pod, name: Name) => [name, (await ask(pod, PORTS[name], "/version")).text] as const;
  const ofPod = async (pod: Pod) =>
    Object.fromEntries(await Promise.all(CONTAINERS.map((name) => answer(pod, name)))) as Record<string, string>;
  return Promise.all(world.podsNow().map(ofPod));
}

function ofEachPod<T>(value: T): readonly T[] {
  return world.podsNow().map(() => value);
}

function sidecarStatuses() {
  return world.podsNow().map((pod) => containerStatusOf(pod, "sidecar"));
}
