import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoryCluster } from "./storyCluster.ts";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("a gray release", () => {
  it("upgrades half of the pods, three at a time, stops, and goes on when the partition is lifted", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 3, partition: "50%" } });
    await story.createPods(12);
    story.observer.expect({ maxUnavailable: 3, kept: 6 });
    await story.setImage("logtail:1.0.1");
    await story.quiet();
    expect(story.observer.withImage("logtail:1.0.1")).toHaveLength(6);
    expect(story.observer.mostUnavailable).toBe(3);
    expect((await story.set()).status).toMatchObject({
      matchedPods: 12,
      updatedPods: 6,
      readyPods: 12,
      updatedReadyPods: 6,
    });

    story.observer.expect({ maxUnavailable: 3 });
    await story.edit({ updateStrategy: { partition: 0 } });
    await story.quiet();
    expect(story.observer.withImage("logtail:1.0.1")).toHaveLength(12);
    expect(story.observer.mostUnavailable).toBe(3);
    expect((await story.set()).status).toMatchObject({ updatedPods: 12, updatedReadyPods: 12 });
  });
});
