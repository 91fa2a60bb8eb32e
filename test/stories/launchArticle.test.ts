import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PodRecord } from "../../src/core/pod/podRecord.ts";
import { type Playback, playForward } from "../../src/core/rollout/playForward.ts";
import { aPod } from "../aPod.ts";
import { aSidecarSet } from "../aSidecarSet.ts";
import { StoryCluster } from "./storyCluster.ts";

const NEW = "logtail:1.0.1";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
});

/** The worked examples of the SidecarSet announcement, with as many pods as it has. */
describe("the announcement's examples", () => {
  it("100 pods, partition 50, maxUnavailable 10: 50 are released, 10 at a time", async () => {
    await story.apply({ updateStrategy: { partition: 50, maxUnavailable: 10 } });
    await story.createPods(100);
    story.observer.expect({ maxUnavailable: 10, kept: 50, samePods: true });
    await story.setImage(NEW);
    await story.clock.advance(200);
    expect(story.observer.withImage(NEW)).toHaveLength(10);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(50);
    expect(story.observer.mostUnavailable).toBe(10);
  });

  it("100 pods, partition 80, maxUnavailable 30: 20 are released, all at once", async () => {
    await story.apply({ updateStrategy: { partition: 80, maxUnavailable: 30 } });
    await story.createPods(100);
    story.observer.expect({ maxUnavailable: 30, kept: 80, samePods: true });
    await story.setImage(NEW);
    await story.clock.advance(200);
    expect(story.observer.withImage(NEW)).toHaveLength(20);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(20);
    expect(story.observer.mostUnavailable).toBe(20);
  });

  it("1,000 pods, partition 980, maxUnavailable 10%: 20 are released; without the partition the 980 others, 100 at a time", () => {
    const pods = Array.from({ length: 1000 }, (_, index) => aPod({ name: `web-${index}` }));
    const first = played({ partition: 980, maxUnavailable: "10%" }, pods);
    expect(first).toMatchObject({ after: { matched: 1000, updated: 20 }, unavailable: { most: 20, limit: 100 } });

    const upgraded = new Set(first.upgrades.map(({ pod }) => pod.replace("default/", "")));
    const then = pods.map((pod) =>
      upgraded.has(pod.name) ? aPod({ name: pod.name, hash: "new", image: "logtail:2" }) : pod,
    );
    const second = played({ maxUnavailable: "10%" }, then);
    expect(second.upgrades).toHaveLength(980);
    expect(second.upgrades.slice(0, 100).every(({ at }) => at === START)).toBe(true);
    expect(second).toMatchObject({ after: { updatedReady: 1000 }, unavailable: { most: 100, limit: 100 } });
  });
});

const START = Date.parse("2026-07-01T00:00:00Z");

function played(updateStrategy: Record<string, unknown>, pods: readonly PodRecord[]): Playback {
  return playForward({
    set: aSidecarSet({ updateStrategy }),
    pods,
    namespaces: new Map([["default", {}]]),
    revisions: [],
    start: START,
    restart: () => ({ afterMs: 10_000, comesUp: true }),
  });
}
