import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EVENTS, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { StoryCluster } from "./storyCluster.ts";

const OLD = "logtail:1.0.0";
const NEW = "logtail:1.0.1";
const BROKEN = "logtail:missing";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("the status during a release", () => {
  it("moves with every wave, some times a second and not with every pod, and comes to rest", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 10 } });
    await story.createPods(60);
    const from = story.statuses.length;
    await story.setImage(NEW);
    const began = story.clock.now();
    await story.quiet();
    const moves = story.statuses.slice(from);
    const updated = moves.map(({ updatedPods }) => updatedPods!);
    expect(updated).toEqual([...updated].sort((one, other) => one - other));
    expect(new Set(updated).size).toBeGreaterThanOrEqual(6);
    const took = Date.parse(moves.at(-1)!.rollout!.since) - began;
    expect(moves.length).toBeLessThanOrEqual(Math.ceil(took / 250) + 8);
    expect(
      moves.some(({ rollout, waiting }) => rollout!.wave === 3 && waiting!.some(({ code }) => code === "U06")),
    ).toBe(true);
    expect(moves.at(-1)).toMatchObject({
      rollout: { phase: "Complete", reason: "Complete", wave: 6, started: 0 },
      budget: { limit: 10, used: 0 },
      waiting: [],
      heldPods: 0,
      stuckPods: 0,
      selectedPods: 60,
      history: [
        { change: "logtail: 1.0.0 -> 1.0.1", result: "Promoted" },
        { change: `logtail: ${OLD}`, result: "Promoted" },
      ],
    });
    await story.clock.advance(3_600_000);
    expect(story.statuses.slice(from)).toHaveLength(moves.length);
  });

  it("is told by Events: waves, folded, and the end", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(8);
    await story.setImage(NEW);
    await story.quiet();
    const events = await eventsOf("logging");
    expect(events.map(({ reason, type }) => `${type} ${reason}`)).toEqual([
      "Normal WaveStarted",
      "Normal RolloutComplete",
    ]);
    expect(events[0]).toMatchObject({
      count: expect.toSatisfy((count: number) => count > 1 && count <= 4),
      message: expect.stringMatching(/^wave 4 \(logtail: 1\.0\.0 -> 1\.0\.1\) has started: \d of 8 pods are updated/),
      involvedObject: { kind: "SidecarSet", name: "logging" },
    });
  });

  it("does not wait for Events that cannot be written", async () => {
    const create = story.view.cluster.create;
    Object.assign(story.view.cluster, {
      create: (...args: Parameters<typeof create>) =>
        args[0] === EVENTS ? Promise.reject(new Error("no room")) : create.apply(story.view.cluster, args),
    });
    await story.startController();
    await story.apply({});
    await story.createPods(2);
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(2);
    expect(await eventsOf("logging")).toEqual([]);
  });
});

describe("a partition", () => {
  it("holds the release, and lowering it goes on counting the waves", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2, partition: 4 } });
    await story.createPods(8);
    await story.setImage(NEW);
    await story.quiet();
    const held = await status();
    expect(held).toMatchObject({
      heldPods: 4,
      rollout: { phase: "Held", reason: "HeldByPartition", wave: 2 },
      waiting: [{ code: "U05", count: 4, examples: [expect.any(String), expect.any(String), expect.any(String)] }],
      history: [{ result: "Progressing" }, { result: "Promoted" }],
    });
    expect(conditions(held)).toEqual({
      Ready: "True HeldByPartition",
      Progressing: "False HeldByPartition",
      CoverageComplete: "True AllInjected",
      Registered: "True Covered",
    });
    await story.edit({ updateStrategy: { partition: 0 } });
    await story.quiet();
    expect(await status()).toMatchObject({
      rollout: { phase: "Complete", wave: 4 },
      history: [{ result: "Promoted" }, {}],
    });
    expect((await eventsOf("logging")).map(({ reason }) => reason)).toEqual([
      "WaveStarted",
      "WaveDone",
      "RolloutComplete",
    ]);
  });
});

describe("a failing image", () => {
  it("is told at once: Stalled, with the pods that hold the budget by name; a good one heals it", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(6);
    await story.setImage(BROKEN);
    await story.clock.advance(60_000);
    const blocked = await status();
    expect(blocked).toMatchObject({ stuckPods: 2, rollout: { phase: "Blocked" }, budget: { limit: 2, used: 2 } });
    expect(conditions(blocked)).toMatchObject({ Ready: "False Blocked", Stalled: "True BudgetExhausted" });
    const names = story.observer.withImage(BROKEN).map(({ name }) => `ns-1/${name}`);
    const stalled = blocked.conditions!.find(({ type }) => type === "Stalled")!;
    for (const name of names)
      expect(stalled.message).toMatch(new RegExp(`${name} \\((ErrImagePull|ImagePullBackOff)\\)`));
    expect(stalled.message).toContain("4 pods wait");
    const told = (await eventsOf("logging")).find(({ reason }) => reason === "Blocked");
    expect(told).toMatchObject({ type: "Warning", message: expect.stringContaining(names[0]!) });

    await story.setImage(NEW);
    await story.quiet();
    const healed = await status();
    expect(conditions(healed)).not.toHaveProperty("Stalled");
    expect(healed.history!.map(({ result }) => result)).toEqual(["Promoted", "Superseded", "Promoted"]);
  });

  it("that is undone is told as rolled back", async () => {
    await story.apply({});
    await story.createPods(3);
    await story.setImage(BROKEN);
    await story.clock.advance(30_000);
    await story.setImage(OLD);
    await story.quiet();
    expect((await status()).history).toMatchObject([
      { change: "logtail: missing -> 1.0.0", result: "Promoted" },
      { change: "logtail: 1.0.0 -> missing", result: "RolledBack" },
      { result: "Promoted" },
    ]);
  });
});

describe("a pod whose write is refused", () => {
  it("is stuck and named, and trying it again does not move the status", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 3 } });
    await story.createPods(3);
    story.view.refuse((pod) => pod === "ns-1/web-01" && "a policy forbids it");
    await story.setImage(NEW);
    await story.quiet();
    const stuck = await status();
    expect(stuck).toMatchObject({
      updatedPods: 2,
      stuckPods: 1,
      rollout: { phase: "Blocked", reason: "NotUpgradable" },
      waiting: [{ code: "U14", count: 1, examples: ["ns-1/web-01"] }],
    });
    const seen = story.statuses.length;
    await story.clock.advance(300_000);
    expect(story.statuses).toHaveLength(seen);
    expect(story.warnings.splice(0).at(-1)).toContain("a policy forbids it");

    story.view.refuse(() => false);
    await story.clock.advance(60_000);
    expect(await status()).toMatchObject({
      stuckPods: 0,
      rollout: { phase: "Complete" },
      history: [{ result: "Promoted" }, {}],
    });
    expect(conditions(await status())).not.toHaveProperty("Stalled");
  });
});

describe("a pod that does not become ready", () => {
  it("is told when the deadline has passed, although nothing else happens", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2, progressDeadlineSeconds: 120 } });
    await story.createPods(2);
    await story.cluster.create(PODS, slowPod());
    await story.clock.advance(60_000);
    expect(await status()).toMatchObject({ stuckPods: 0 });
    await story.clock.advance(120_000);
    expect(await status()).toMatchObject({ stuckPods: 1, rollout: { phase: "Complete" } });
  });
});

describe("a pause", () => {
  it("is a condition and an Event, and so is its end", async () => {
    await story.apply({});
    await story.createPods(4);
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    await story.edit({ updateStrategy: { paused: true } });
    await story.quiet();
    const paused = await status();
    expect(paused).toMatchObject({ rollout: { phase: "Paused" }, heldPods: 2, waiting: [{ code: "U03", count: 2 }] });
    expect(conditions(paused)).toMatchObject({ Ready: "True Paused", Paused: "True UpdatePaused" });
    await story.edit({ updateStrategy: { paused: false } });
    await story.quiet();
    expect(conditions(await status())).not.toHaveProperty("Paused");
    const reasons = (await eventsOf("logging")).map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(["Paused", "Resumed", "RolloutComplete"]));
  });
});

describe("coverage", () => {
  it("has a gap of pods that are older than the set, until they are recreated", async () => {
    await story.createPods(3, {}, "early");
    await story.clock.advance(5000);
    await story.apply({});
    await story.createPods(2);
    await story.quiet();
    const gap = await status();
    expect(gap).toMatchObject({
      matchedPods: 2,
      selectedPods: 5,
      waiting: [{ code: "I04", count: 3, examples: ["ns-1/early-00", "ns-1/early-01", "ns-1/early-02"] }],
    });
    expect(conditions(gap)).toMatchObject({ Ready: "True Complete", CoverageComplete: "False NotInjected" });
    const [event] = (await eventsOf("logging")).filter(({ reason }) => reason === "CoverageGap");
    expect(event!.message).toContain("ns-1/early-00 (I04)");

    for (const name of ["early-00", "early-01", "early-02"])
      await story.cluster.delete(PODS, { namespace: "ns-1", name }, { gracePeriodSeconds: 0 });
    await story.createPods(3, {}, "late");
    await story.quiet();
    expect(conditions(await status())).toMatchObject({ CoverageComplete: "True AllInjected" });
  });

  it("does not count a pod that says no as a gap", async () => {
    await story.apply({});
    await story.createPods(1);
    await story.createPods(1, { "sidecarset.kruise.io/inject": "false" }, "shy");
    await story.quiet();
    const seen = await status();
    expect(seen.waiting).toEqual([{ code: "I12", count: 1, examples: ["ns-1/shy-00"] }]);
    expect(conditions(seen)).toMatchObject({ CoverageComplete: "True AllInjected" });
  });
});

describe("a canary", () => {
  it("takes its pods out of the base's count and leaves no gap there", async () => {
    await story.apply({});
    await story.cluster.create(SIDECAR_SETS, {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: {
        name: "logging-canary",
        annotations: { "apps.kruise.io/sidecarset-canary": "true", "apps.kruise.io/sidecarset-base": "logging" },
      },
      spec: {
        selector: { matchLabels: { track: "canary" } },
        updateStrategy: { type: "NotUpdate" },
        containers: [{ name: "logtail", image: NEW }],
      },
    } as KubeObject);
    await story.clock.advance(500);
    await story.createPods(2);
    await story.createPods(1, { track: "canary" }, "canary");
    await story.quiet();
    const base = await status();
    expect(base).toMatchObject({
      matchedPods: 2,
      selectedPods: 3,
      waiting: [{ code: "I07", examples: ["ns-1/canary-00"] }],
    });
    expect(conditions(base)).toMatchObject({ CoverageComplete: "True AllInjected" });
  });
});

describe("a sidecar that was edited by hand", () => {
  it("is counted and named, until the next release", async () => {
    await story.apply({});
    await story.createPods(2);
    const operations = [{ op: "replace", path: "/spec/containers/0/image", value: "logtail:mine" }] as const;
    await story.cluster.patch(PODS, { namespace: "ns-1", name: "web-01" }, { type: "json", operations });
    await story.quiet();
    const drifted = await status();
    expect(drifted).toMatchObject({ updatedPods: 2, driftedPods: 1 });
    expect(drifted.conditions![0]!.message).toContain("edited by hand: ns-1/web-01");
    const [event] = (await eventsOf("logging")).filter(({ reason }) => reason === "SidecarDrift");
    expect(event!.message).toContain("ns-1/web-01");
    await story.setImage(NEW);
    await story.quiet();
    expect(await status()).toMatchObject({ driftedPods: 0, updatedReadyPods: 2 });
  });
});

describe("another instance that takes over", () => {
  it("goes on with waves, times and history, and tells nothing twice", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2, partition: 4 } });
    await story.createPods(8);
    await story.setImage(NEW);
    await story.quiet();
    const [before, events] = [await status(), await eventsOf("logging")];
    const seen = story.statuses.length;
    await story.startController();
    await story.quiet();
    expect(await status()).toEqual(before);
    expect(story.statuses).toHaveLength(seen);
    expect(await eventsOf("logging")).toEqual(events);
    await story.edit({ updateStrategy: { partition: 0 } });
    await story.quiet();
    expect(await status()).toMatchObject({
      rollout: { wave: 4 },
      history: [{ startedAt: before.history![0]!.startedAt }, {}],
    });
  });
});

describe("a SidecarSet that is deleted", () => {
  it("says how many pods keep its sidecars", async () => {
    await story.apply({});
    await story.createPods(3);
    expect(await story.deletionWarnings()).toEqual([
      "3 pods keep the sidecars of SidecarSet logging until recreated; nobody upgrades them any more",
    ]);
    await story.quiet();
    const events = await eventsOf("logging");
    expect(events.at(-1)).toMatchObject({ type: "Warning", reason: "SidecarsRemain" });
    expect(events.at(-1)!.message).toMatch(/^3 pods keep the sidecars/);
  });
});

/** Its app becomes ready after an hour. */
function slowPod(): KubeObject {
  const readinessProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 3600 };
  const metadata = { name: "slow", namespace: "ns-1", labels: { app: "web" } };
  const spec = { nodeName: "node-1", containers: [{ name: "app", image: "app:1", readinessProbe }] };
  return { apiVersion: "v1", kind: "Pod", metadata, spec } as KubeObject;
}

interface SeenEvent extends KubeObject {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
}

/** As `kubectl describe` shows them. */
async function eventsOf(name: string): Promise<readonly SeenEvent[]> {
  const fieldSelector = `involvedObject.kind=SidecarSet,involvedObject.name=${name}`;
  const { items } = await story.cluster.list<SeenEvent>(EVENTS, { fieldSelector });
  return [...items].sort((one, other) => (one.firstTimestamp < other.firstTimestamp ? -1 : 1));
}

async function status() {
  return (await story.set()).status!;
}

function conditions(seen: Awaited<ReturnType<typeof status>>): Record<string, string> {
  return Object.fromEntries(seen.conditions!.map(({ type, status: value, reason }) => [type, `${value} ${reason}`]));
}
