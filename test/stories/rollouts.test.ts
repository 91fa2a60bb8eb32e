import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONTROLLER_REVISIONS, NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { ControllerRevision } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
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

describe("pausing", () => {
  it("lets the pods that restart finish and touches no other until it is resumed", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(8);
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length >= 3);
    await story.edit({ updateStrategy: { paused: true } });
    await story.quiet();
    const reached = story.observer.withImage(NEW).length;
    expect(reached).toBeLessThan(8);
    expect((await story.set()).status).toMatchObject({ updatedPods: reached, updatedReadyPods: reached });

    await story.edit({ updateStrategy: { paused: false } });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(8);
  });
});

describe("undoing", () => {
  it("brings the upgraded pods back within the same limits; the old revision becomes the newest", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(6);
    const [first] = await revisions();
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length >= 3);
    await story.setImage(OLD);
    await story.quiet();
    expect(story.observer.withImage(OLD)).toHaveLength(6);
    expect((await story.set()).status).toMatchObject({ updatedPods: 6, updatedReadyPods: 6 });
    const stored = await revisions();
    expect(stored).toHaveLength(2);
    expect(stored.at(-1)!.metadata.name).toBe(first!.metadata.name);
    expect((await story.set()).status!.latestRevision).toBe(first!.metadata.name);
  });

  it("needs no restart where the kubelet has not looked yet", async () => {
    await story.apply({});
    await story.createPods(2);
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 1);
    await story.setImage(OLD);
    await story.quiet();
    expect(story.observer.withImage(OLD)).toHaveLength(2);
    expect((await story.set()).status).toMatchObject({ updatedPods: 2, updatedReadyPods: 2 });
  });
});

describe("a broken image", () => {
  it("stops at maxUnavailable pods; a good one heals those first and goes on", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(6);
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage(BROKEN);
    await story.quiet();
    expect(story.observer.withImage(BROKEN)).toHaveLength(2);
    expect(story.observer.mostUnavailable).toBe(2);
    expect((await story.set()).status).toMatchObject({ updatedPods: 2, readyPods: 4, updatedReadyPods: 0 });

    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(6);
    expect(story.observer.unavailable).toEqual([]);
    expect(story.observer.mostUnavailable).toBe(2);
  });
});

describe("an update selector", () => {
  it("limits a release to its pods, and the rest follows without it", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(3, { canary: "true" }, "canary");
    await story.createPods(5);
    story.observer.expect({ maxUnavailable: 2, kept: 5 });
    await story.edit({ updateStrategy: { selector: { matchLabels: { canary: "true" } } } });
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW).map(({ name }) => name)).toEqual(["canary-00", "canary-01", "canary-02"]);

    story.observer.expect({ maxUnavailable: 2 });
    await story.edit({ updateStrategy: { selector: null } });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(8);
  });

  it("together with a partition keeps that part of the selected pods", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 4 } });
    await story.createPods(4, { canary: "true" }, "canary");
    await story.createPods(6);
    const updateStrategy = { selector: { matchLabels: { canary: "true" } }, partition: "50%" };
    await story.edit({ updateStrategy });
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(2);
  });
});

describe("readiness", () => {
  it("of the old container is not taken for the new one's when a startup probe lies at first", async () => {
    const startupProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 30 };
    await story.apply({ updateStrategy: { maxUnavailable: 1 } }, { startupProbe });
    await story.createPods(4);
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(4);
    expect(story.observer.mostUnavailable).toBe(1);
  });

  it("comes again with a readiness probe before the next pod is touched", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } }, { readinessProbe: { tcpSocket: { port: 80 } } });
    await story.createPods(3);
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(3);
    expect(story.observer.mostUnavailable).toBe(1);
  });
});

describe("a pod that cannot be written", () => {
  it("does not keep the others", async () => {
    const refusing = new Set(["ns-1/web-01"]);
    story.view.refuse((pod) => refusing.has(pod) && "a policy forbids it");
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(3);
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage(NEW);
    await story.quiet();
    expect(
      story.observer
        .withImage(NEW)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["web-00", "web-02"]);
    expect(story.warnings.splice(0).at(-1)).toContain("a policy forbids it");

    refusing.clear();
    await story.clock.advance(60_000);
    expect(story.observer.withImage(NEW)).toHaveLength(3);
    story.warnings.splice(0);
  });

  it("because it changed meanwhile is planned anew", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 3 } });
    await story.createPods(3);
    story.view.refuse((pod) => pod === "ns-1/web-00" && "conflict");
    await story.setImage(NEW);
    await story.clock.advance(5_000);
    expect(story.observer.withImage(NEW)).toHaveLength(2);
    story.view.refuse(() => false);
    await story.clock.advance(5_000);
    expect(story.observer.withImage(NEW)).toHaveLength(3);
  });
});

describe("another instance that takes over", () => {
  it("goes on where the first one stopped, within the limits", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(8);
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length >= 3);
    await story.startController();
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(8);
    expect(await revisions()).toHaveLength(2);
  });
});

describe("what cannot be done in place", () => {
  it("leaves the pods alone and marks them; taking it back clears the mark", async () => {
    await story.apply({});
    await story.createPods(2);
    story.observer.expect({ maxUnavailable: 0 });
    const edit = (operation: object) =>
      story.cluster.patch(SIDECAR_SETS, { name: "logging" }, { type: "json", operations: [operation as never] });
    await edit({ op: "add", path: "/spec/containers/0/env", value: [{ name: "LEVEL", value: "debug" }] });
    await story.quiet();
    expect(await marks()).toEqual(["False", "False"]);
    expect((await story.set()).status).toMatchObject({ matchedPods: 2, updatedPods: 0 });

    await edit({ op: "remove", path: "/spec/containers/0/env" });
    await story.quiet();
    expect(await marks()).toEqual(["True", "True"]);
  });

  it("is not touched by a set that only injects", async () => {
    await story.apply({ updateStrategy: { type: "NotUpdate" } });
    await story.createPods(2);
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(OLD)).toHaveLength(2);
    expect((await story.set()).status).toMatchObject({ matchedPods: 2, updatedPods: 0 });
  });
});

describe("the counters", () => {
  it("follow pods that are deleted and namespaces whose labels change", async () => {
    await story.cluster.patch(
      NAMESPACES,
      { name: "ns-1" },
      { type: "merge", patch: { metadata: { labels: { team: "a" } } } },
    );
    await story.apply({ namespaceSelector: { matchLabels: { team: "a" } } });
    await story.createPods(3);
    expect((await story.set()).status).toMatchObject({ matchedPods: 3 });
    await story.cluster.delete(PODS, { namespace: "ns-1", name: "web-00" }, { gracePeriodSeconds: 0 });
    await story.clock.advance(1000);
    expect((await story.set()).status).toMatchObject({ matchedPods: 2 });
    await story.cluster.patch(
      NAMESPACES,
      { name: "ns-1" },
      { type: "merge", patch: { metadata: { labels: { team: "b" } } } },
    );
    await story.clock.advance(1000);
    expect((await story.set()).status).toMatchObject({ matchedPods: 0 });
  });
});

async function revisions(): Promise<readonly ControllerRevision[]> {
  const { items } = await story.cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace: "kruise-system" });
  return [...items].sort((one, other) => one.revision - other.revision);
}

async function marks(): Promise<readonly (string | undefined)[]> {
  const { items } = await story.cluster.list<Pod>(PODS, { namespace: "ns-1" });
  return items.map(({ status }) => status?.conditions?.find(({ type }) => type === "SidecarSetUpgradable")?.status);
}
