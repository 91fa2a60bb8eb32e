import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { StoryCluster } from "./storyCluster.ts";

const OLD = "logtail:1.0.0";
const NEW = "logtail:1.0.1";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("pods that leave in the middle of their upgrade", () => {
  const ways: [string, (name: string) => Promise<unknown>][] = [
    ["deleted at once", (name) => remove(name, 0)],
    ["deleted with a grace period", (name) => remove(name, 30)],
    ["evicted", (name) => finish(name, { phase: "Failed", reason: "Evicted" })],
    ["completed", (name) => finish(name, { phase: "Succeeded" })],
    ["relabelled out of the selector", (name) => label("ns-1", name, { app: "other" })],
  ];
  it.each(ways)("%s give their budget back, and the others go on", async (_way, leave) => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(5);
    story.observer.expect({});
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    const [gone] = story.observer.unavailable;
    await leave(gone!.name);
    await story.quiet();
    const rest = [...story.observer.pods()].filter(({ name }) => name !== gone!.name);
    expect(rest.map(({ image }) => image)).toEqual([NEW, NEW, NEW, NEW]);
    expect((await story.set()).status).toMatchObject({ matchedPods: 4, updatedPods: 4, updatedReadyPods: 4 });
  });

  it("are no loss when all of them hang: each is replaced by a new one, which has the new image from the start", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(4);
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage("logtail:missing");
    await story.quiet();
    const broken = story.observer.unavailable.map(({ name }) => name);
    expect(broken).toHaveLength(2);
    for (const name of broken) await remove(name, 0);
    await story.setImage(NEW);
    await story.createPods(2, {}, "fresh");
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(4);
  });
});

describe("pods whose labels move", () => {
  it("out and in again follow when they are back; those that come without the sidecar are not counted", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(4);
    await story.createPods(1, { app: "other" }, "late");
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await label("ns-1", "web-03", { app: "other" });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    await label("ns-1", "late-00", { app: "web" });
    await story.quiet();
    expect(imageOf("web-03")).toBe(OLD);
    expect((await story.set()).status).toMatchObject({ matchedPods: 3, updatedPods: 3 });

    await label("ns-1", "web-03", { app: "web" });
    await story.quiet();
    expect(imageOf("web-03")).toBe(NEW);
    expect(imageOf("late-00")).toBeUndefined();
    expect((await story.set()).status).toMatchObject({ matchedPods: 4, updatedPods: 4, updatedReadyPods: 4 });
  });

  it("into an update selector in the middle of the rollout are upgraded, out of it are left", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1, selector: { matchLabels: { wave: "now" } } } });
    await story.createPods(3, { wave: "now" }, "first");
    await story.createPods(2, {}, "second");
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 1);
    const [untouched] = story.observer.withImage(OLD).filter(({ name }) => name.startsWith("first"));
    await label("ns-1", untouched!.name, { wave: "later" });
    await label("ns-1", "second-00", { wave: "now" });
    await story.quiet();
    expect(imageOf(untouched!.name)).toBe(OLD);
    expect(imageOf("second-00")).toBe(NEW);
    expect(story.observer.withImage(NEW)).toHaveLength(3);
  });
});

describe("a namespace", () => {
  beforeEach(async () => {
    await story.cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns-2" } });
    for (const name of ["ns-1", "ns-2"]) await team(name, "a");
    await story.apply({ namespaceSelector: { matchLabels: { team: "a" } }, updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(3, {}, "one");
    await story.createPods(3, {}, "ns-2/two");
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 1);
  });

  it("that loses its label in the middle of a rollout takes its pods out, and brings them back with it", async () => {
    // The pod that leaves in the middle of its restart is no longer the set's.
    story.observer.expect({ maxUnavailable: 2 });
    await team("ns-2", "b");
    await story.clock.advance(100);
    const left = twos(NEW);
    await story.quiet();
    expect(twos(NEW)).toBe(left);
    expect(left).toBeLessThan(3);
    expect((await story.set()).status).toMatchObject({ matchedPods: 3, updatedPods: 3, updatedReadyPods: 3 });

    await team("ns-2", "a");
    await story.quiet();
    expect(twos(NEW)).toBe(3);
    expect((await story.set()).status).toMatchObject({ matchedPods: 6, updatedPods: 6, updatedReadyPods: 6 });
  });

  it("that is deleted in the middle of a rollout does not hold up the others", async () => {
    for (const { metadata } of (await story.cluster.list<Pod>(PODS, { namespace: "ns-2" })).items)
      await story.cluster.delete(PODS, { namespace: "ns-2", name: metadata.name! });
    await story.cluster.delete(NAMESPACES, { name: "ns-2" });
    await story.quiet();
    expect([...story.observer.pods()].map(({ image }) => image)).toEqual([NEW, NEW, NEW]);
    expect((await story.set()).status).toMatchObject({ matchedPods: 3, updatedPods: 3, updatedReadyPods: 3 });
  });
});

describe("a SidecarSet that is deleted in the middle of its rollout", () => {
  it("leaves its pods as they are: every one keeps its sidecar, and nothing is written any more", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(5);
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    await story.cluster.delete(SIDECAR_SETS, { name: "logging" });
    await story.clock.advance(100);
    const reached = story.observer.withImage(NEW).length;
    story.view.podWrites.length = 0;
    await story.quiet();
    expect(story.view.podWrites).toEqual([]);
    expect(story.observer.withImage(NEW)).toHaveLength(reached);
    expect(story.observer.withImage(OLD)).toHaveLength(5 - reached);
    expect(story.observer.unavailable).toEqual([]);
  });
});

function remove(name: string, gracePeriodSeconds: number): Promise<void> {
  return story.cluster.delete(PODS, { namespace: "ns-1", name }, { gracePeriodSeconds });
}

function finish(name: string, status: Readonly<Record<string, string>>): Promise<Pod> {
  const patch = { status: { ...status, conditions: [{ type: "Ready", status: "False" }] } };
  const options = { subresource: "status" };
  return story.cluster.patch<Pod>(PODS, { namespace: "ns-1", name }, { type: "strategic", patch }, options);
}

async function label(namespace: string, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  await story.cluster.patch(PODS, { namespace, name }, { type: "merge", patch: { metadata: { labels } } });
}

async function team(name: string, value: string): Promise<void> {
  const patch = { metadata: { labels: { team: value } } };
  await story.cluster.patch(NAMESPACES, { name }, { type: "merge", patch });
}

function imageOf(pod: string): string | undefined {
  return [...story.observer.pods()].find(({ name }) => name === pod)?.image;
}

function twos(image: string): number {
  return story.observer.withImage(image).filter(({ name }) => name.startsWith("two")).length;
}
