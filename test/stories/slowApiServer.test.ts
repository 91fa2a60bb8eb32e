import { afterEach, describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import { StoryCluster } from "./storyCluster.ts";

const OLD = "logtail:1.0.0";
const NEW = "logtail:1.0.1";
const NEWER = "logtail:1.0.2";
const PODS_IN_ALL = 12;
const ANSWER_MS = 4_000;

let story: StoryCluster;
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
});

describe("an API server that answers slowly, and pods that become ready fast", () => {
  it("do not keep the next pods waiting for answers to earlier writes, and no budget is spent twice", async () => {
    await aFleet({ toTakeMs: 0, toAnswerMs: ANSWER_MS });
    const begun = story.clock.now();
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === PODS_IN_ALL);
    // One wave after the other would take six answers.
    expect(story.clock.now() - begun).toBeLessThan(3 * ANSWER_MS);
    await story.quiet();
    expect(story.observer.imageWrites).toBe(PODS_IN_ALL);
    expect(story.observer.mostUnavailable).toBe(2);
    expect((await story.set()).status).toMatchObject({ updatedPods: PODS_IN_ALL, updatedReadyPods: PODS_IN_ALL });
    expect(story.warnings).toEqual([]);
  });

  it("hold budget for writes that have been sent and not been carried out yet", async () => {
    await aFleet({ toTakeMs: ANSWER_MS, toAnswerMs: 0 });
    await story.setImage(NEW);
    await story.clock.advance(ANSWER_MS - 500);
    expect(story.observer.withImage(NEW)).toHaveLength(0);
    expect(story.view.podWrites).toHaveLength(2);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(PODS_IN_ALL);
    expect(story.observer.mostUnavailable).toBe(2);
  });

  it("lose no pod that somebody writes between the decision and the write: it is planned anew, once", async () => {
    await aFleet({ toTakeMs: ANSWER_MS, toAnswerMs: 0 });
    await story.setImage(NEW);
    await story.clock.advance(500);
    const [first = ""] = story.view.podWrites;
    const [namespace = "", name = ""] = first.split("/");
    const image = "logtail:by-hand";
    const patch = { spec: { containers: [{ name: "logtail", image }] } };
    await story.cluster.patch(PODS, { namespace, name }, { type: "strategic", patch });
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(PODS_IN_ALL);
    expect(story.view.podWrites.filter((pod) => pod === first)).toHaveLength(2);
    expect(story.warnings).toEqual([]);
  });

  it("follow another image that comes while all of them are being written", async () => {
    await aFleet({ toTakeMs: ANSWER_MS, toAnswerMs: 0 });
    story.observer.expect({ samePods: true });
    await story.edit({ updateStrategy: { maxUnavailable: "100%" } });
    await story.setImage(NEW);
    await story.clock.advance(500);
    const sent = story.view.podWrites.length;
    await story.setImage(NEWER);
    await story.quiet();
    expect(sent).toBe(PODS_IN_ALL);
    expect(story.observer.withImage(NEWER)).toHaveLength(PODS_IN_ALL);
    expect(story.observer.withImage(OLD)).toHaveLength(0);
    expect(story.warnings).toEqual([]);
  });
});

/** Pods that run and are ready; two may be unavailable. */
async function aFleet(slow: { readonly toTakeMs: number; readonly toAnswerMs: number }): Promise<void> {
  story = await StoryCluster.start();
  await story.apply({ updateStrategy: { maxUnavailable: 2 } });
  await story.createPods(PODS_IN_ALL);
  story.observer.expect({ maxUnavailable: 2, samePods: true });
  story.view.slowPodWrites(slow);
}
