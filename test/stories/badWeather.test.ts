import { afterEach, describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import { StoryCluster } from "./storyCluster.ts";

const NEW = "logtail:1.0.1";
const NEWER = "logtail:1.0.2";
const MINUTES = 60_000;

let story: StoryCluster;
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
});

describe("clocks that disagree", () => {
  const skews: [string, number][] = [
    ["ahead", 7 * MINUTES],
    ["behind", -7 * MINUTES],
  ];
  const probes: [string, object][] = [
    ["no probe", {}],
    ["a readiness probe", { readinessProbe: { tcpSocket: { port: 80 } } }],
    ["a startup probe alone", { startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 30 } }],
  ];
  const cases = skews.flatMap(([way, aheadMs]) => probes.map(([name, probe]) => ({ way, aheadMs, name, probe })));
  it.each(cases)("kubelets minutes $way, sidecar with $name: within the limit, and to its end", async (one) => {
    story = await StoryCluster.start({ aheadMs: one.aheadMs });
    await story.apply({ updateStrategy: { maxUnavailable: 2 } }, one.probe);
    await story.createPods(6);
    story.observer.expect({ maxUnavailable: 2, samePods: true });
    await story.setImage(NEW);
    await story.clock.advance(10 * MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(6);
    expect((await story.set()).status).toMatchObject({ updatedPods: 6, updatedReadyPods: 6 });
    expect(story.observer.mostUnavailable).toBeLessThanOrEqual(2);
  });
});

describe("a watch of pods that is late", () => {
  it.each([400, 3_000, 20_000])("by %d ms never lets the budget be spent twice", async (lateMs) => {
    await aFleet(8, 2);
    story.view.delayPods(lateMs);
    await story.setImage(NEW);
    await story.clock.advance(5 * MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(8);
    expect(story.observer.imageWrites).toBe(8);
    expect(story.observer.mostUnavailable).toBe(2);
    expect(story.warnings).toEqual([]);
  });

  it("by minutes does not either: what was written and does not come back is asked for", async () => {
    await aFleet(8, 2);
    story.view.delayPods(5 * MINUTES);
    await story.setImage(NEW);
    await story.clock.advance(4 * MINUTES);
    await story.setImage(NEWER);
    await story.clock.advance(90 * MINUTES);
    expect(story.observer.withImage(NEWER)).toHaveLength(8);
    expect(story.observer.mostUnavailable).toBe(2);
    expect(story.warnings[0]).toContain("a write has not come back on the watch");
  });

  it("holds also when the image changes again and again", async () => {
    await aFleet(8, 2);
    story.view.delayPods(2_000);
    for (const image of [NEW, "logtail:missing", NEWER]) {
      await story.setImage(image);
      await story.clock.advance(5_000);
    }
    await story.clock.advance(5 * MINUTES);
    expect(story.observer.withImage(NEWER)).toHaveLength(8);
    expect(story.observer.mostUnavailable).toBeLessThanOrEqual(2);
    expect(story.warnings).toEqual([]);
  });

  it("shows a pod that is gone already: it is written in vain once, and the others go on", async () => {
    await aFleet(4, 1);
    story.view.delayPods(10_000);
    await story.cluster.delete(PODS, { namespace: "ns-1", name: "web-00" }, { gracePeriodSeconds: 0 });
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage(NEW);
    await story.clock.advance(3 * MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(3);
  });
});

describe("a watch of pods that is broken", () => {
  it("for a minute lets nothing happen that would need it, and afterwards the rollout goes on", async () => {
    await aFleet(8, 2);
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 4);
    story.view.breakPods();
    await story.clock.advance(MINUTES);
    expect(story.observer.withImage(NEW).length).toBeLessThanOrEqual(4);
    story.view.mendPods();
    await story.clock.advance(3 * MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(8);
    expect(story.observer.mostUnavailable).toBe(2);
    expect((await story.set()).status).toMatchObject({ updatedPods: 8, updatedReadyPods: 8 });
  });

  it("from before the change on starts what the last known state allows, and no more", async () => {
    await aFleet(8, 2);
    story.view.breakPods();
    await story.setImage(NEW);
    await story.clock.advance(MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(2);
    story.view.mendPods();
    await story.clock.advance(3 * MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(8);
  });
});

describe("writes whose answers are lost", () => {
  it("hold their budget until the API server has told what became of them, whatever is to be done meanwhile", async () => {
    await aFleet(4, 2, 4);
    story.view.delayPods(20_000);
    story.view.loseAnswers();
    await story.setImage(NEW);
    await story.until(() => story.observer.imageWrites === 2);
    const isLater = story.observer.withImage(NEW)[0]!.name.startsWith("later");
    const others = { key: "group", operator: isLater ? "DoesNotExist" : "Exists" };
    await story.edit({ updateStrategy: { selector: { matchExpressions: [others] } } });
    await story.clock.advance(5 * MINUTES);
    expect(story.observer.imageWrites).toBe(2 + 4);
  });

  it("are not sent again: each pod is written once", async () => {
    await aFleet(8, 2);
    story.view.loseAnswers();
    await story.setImage(NEW);
    await story.clock.advance(5 * MINUTES);
    expect(story.observer.withImage(NEW)).toHaveLength(8);
    expect(story.view.podWrites).toHaveLength(8);
    expect(story.observer.mostUnavailable).toBe(2);
  });
});

describe("a controller that is started anew", () => {
  it("twenty times in one rollout, each time with nothing in its memory, writes no pod twice", async () => {
    await aFleet(10, 2);
    await story.setImage(NEW);
    for (let start = 0; start < 20; start++) {
      await story.clock.advance(37 * (start % 7));
      await story.startController();
    }
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(10);
    expect(story.observer.imageWrites).toBe(10);
    expect(story.observer.mostUnavailable).toBe(2);
    expect(story.warnings).toEqual([]);
  });
});

/** Pods that run and are ready, watched from now on. @param later so many more of a group of their own, `later-00` and so on */
async function aFleet(pods: number, maxUnavailable: number, later = 0): Promise<void> {
  story = await StoryCluster.start();
  await story.apply({ updateStrategy: { maxUnavailable } });
  await story.createPods(pods);
  await story.createPods(later, { group: "later" }, "later");
  story.observer.expect({ maxUnavailable, samePods: true });
}
