import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoryCluster } from "./storyCluster.ts";

const NEW = "logtail:1.0.1";
const NEWER = "logtail:1.0.2";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("a SidecarSet edited in the middle of its rollout", () => {
  it("with another image goes on to that one, and pods that still restart for the one between keep their part of the budget", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(8);
    story.observer.expect({ maxUnavailable: 2, samePods: true });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length >= 4);
    await story.setImage(NEWER);
    await story.quiet();
    expect(story.observer.withImage(NEWER)).toHaveLength(8);
    expect(story.observer.mostUnavailable).toBe(2);
    expect((await story.set()).status).toMatchObject({ updatedPods: 8, updatedReadyPods: 8 });
  });

  it("with another image upgrades a pod that still restarts for the one between before any that serves", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 3 } });
    await story.createPods(6);
    story.observer.expect({ maxUnavailable: 3, samePods: true });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 3);
    const between = story.observer.withImage(NEW).map(({ name }) => name);
    await story.setImage(NEWER);
    await story.until(() => story.observer.withImage(NEWER).length === 3);
    expect(story.observer.withImage(NEWER).map(({ name }) => name)).toEqual(between);
    await story.quiet();
    expect(story.observer.withImage(NEWER)).toHaveLength(6);
    expect(story.observer.mostUnavailable).toBe(3);
  });

  it("with a lower maxUnavailable touches no ready pod until enough are back", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 5 } });
    await story.createPods(12);
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 5);
    await story.edit({ updateStrategy: { maxUnavailable: 1 } });
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.until(() => story.observer.withImage(NEW).length > 5);
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(12);
    expect(story.observer.mostUnavailable).toBe(1);
  });

  it("with a higher partition takes nothing back and starts nothing more", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(8);
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 3);
    await story.edit({ updateStrategy: { partition: 7 } });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(3);
    await story.edit({ updateStrategy: { partition: 2 } });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(6);
  });

  it("to NotUpdate and back stands still meanwhile", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(5);
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    await story.edit({ updateStrategy: { type: "NotUpdate" } });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(2);
    await story.edit({ updateStrategy: { type: "RollingUpdate" } });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(5);
  });

  it("with another selector leaves the pods that go as they are, and brings in those that come if they carry it", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(4, { tier: "front" }, "front");
    await story.createPods(4, { tier: "back" }, "back");
    story.observer.expect({ maxUnavailable: 1, samePods: true });
    await story.edit({ selector: { matchLabels: { tier: "front" } } });
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    expect((await story.set()).status).toMatchObject({ matchedPods: 4 });

    // The pod that has just left in the middle of its restart is no longer the set's.
    story.observer.expect({ maxUnavailable: 2, samePods: true });
    await story.edit({ selector: { matchLabels: { tier: "back" } } });
    await story.quiet();
    const names = story.observer.withImage(NEW).map(({ name }) => name.replace(/-.*/, ""));
    expect(names.filter((name) => name === "front")).toHaveLength(2);
    expect(names.filter((name) => name === "back")).toHaveLength(4);
    expect((await story.set()).status).toMatchObject({ matchedPods: 4, updatedPods: 4, updatedReadyPods: 4 });
  });
});
