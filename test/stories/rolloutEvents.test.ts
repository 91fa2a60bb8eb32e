import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import type { RolloutEvent } from "../../src/controller/rolloutEvent.ts";
import { StoryCluster } from "./storyCluster.ts";

const NEW = "logtail:1.0.1";
const BROKEN = "logtail:missing";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.warnings).toEqual([]);
});

describe("what is told of a rollout", () => {
  it("is each wave and each pod once, from its write to its readiness, and the end", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(6);
    expect(story.rolloutEvents).toEqual([]);
    const readyAt = new Map<string, number>();
    await story.setImage(NEW);
    const began = story.clock.now();
    await story.until(async () => {
      for (const pod of story.observer.withImage(NEW)) {
        const key = `ns-1/${pod.name}`;
        if (pod.ready && !pod.restarting && !readyAt.has(key)) readyAt.set(key, story.clock.now());
      }
      const { history = [] } = (await story.set()).status ?? {};
      return history.length === 2 && history[0]!.result === "Promoted";
    });
    const events = story.rolloutEvents;
    expect(events[0]).toMatchObject({ kind: "rolloutBegan", resumed: false });
    expect(events[0]!.at - began).toBeLessThan(100);
    expect(events.flatMap((event) => (event.kind === "waveBegan" ? [event.wave] : []))).toEqual([1, 2, 3]);
    expect(events.flatMap((event) => (event.kind === "waveEnded" ? [event.wave] : []))).toEqual([1, 2, 3]);
    const pods = ended(events);
    expect(pods.map(({ pod }) => pod).sort()).toEqual([...readyAt.keys()].sort());
    for (const { pod, beganAt, at, result } of pods) {
      expect(result).toBe("ready");
      expect(beganAt).toBeGreaterThanOrEqual(began);
      // The story looks every 50 ms.
      expect(readyAt.get(pod)! - at).toBeGreaterThanOrEqual(0);
      expect(readyAt.get(pod)! - at).toBeLessThanOrEqual(100);
    }
    expect(events.at(-1)).toMatchObject({ kind: "rolloutEnded", result: "Promoted", pods: 6, pausedMs: 0 });
    const logged = story.log.filter(({ message }) => message === "upgraded the pod in place");
    const waves = new Map(pods.map(({ pod, wave }) => [pod, wave]));
    expect(new Map(logged.map(({ fields }) => [fields.pod, fields.wave]))).toEqual(waves);
  });

  it("is that it was taken back, with the pods that it had not finished", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(4);
    await story.setImage(BROKEN);
    await story.quiet();
    await story.setImage("logtail:1.0.0");
    await story.quiet();
    const ends = story.rolloutEvents.filter((event) => event.kind === "rolloutEnded");
    expect(ends.map(({ result }) => result)).toEqual(["RolledBack", "Promoted"]);
    const results = ended(story.rolloutEvents).map(({ result }) => result);
    expect(results).toEqual(["unfinished", "unfinished", "ready", "ready"]);
  });

  it("goes on with the next leader, from the beginning of the rollout", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(4);
    await story.setImage(NEW);
    await story.until(() => story.observer.withImage(NEW).length === 2);
    await story.startController();
    await story.quiet();
    const rollouts = story.rolloutEvents.filter(
      (event) => event.kind === "rolloutBegan" || event.kind === "rolloutEnded",
    );
    expect(rollouts).toMatchObject([
      { kind: "rolloutBegan", resumed: false },
      { kind: "rolloutEnded", result: "HandedOver" },
      { kind: "rolloutBegan", resumed: true },
      { kind: "rolloutEnded", result: "Promoted" },
    ]);
    const [first, , second] = rollouts;
    expect(Math.abs(first!.at - second!.at)).toBeLessThan(1_000);
  });

  it("is that the SidecarSet is gone, and with a pod that is gone its upgrade", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(3);
    await story.setImage(BROKEN);
    await story.quiet();
    const [stuck] = story.observer.withImage(BROKEN);
    await story.cluster.delete(PODS, { namespace: "ns-1", name: stuck!.name });
    await story.clock.advance(1_000);
    expect(ended(story.rolloutEvents).map(({ pod, result }) => [pod, result])).toEqual([
      [`ns-1/${stuck!.name}`, "gone"],
    ]);
    await story.deletionWarnings();
    await story.clock.advance(1_000);
    expect(story.rolloutEvents.at(-1)).toMatchObject({ kind: "rolloutEnded", result: "Deleted" });
  });
});

function ended(events: readonly RolloutEvent[]) {
  return events.filter((event) => event.kind === "podEnded");
}
