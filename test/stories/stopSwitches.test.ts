import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONFIG_MAPS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { StoryCluster } from "./storyCluster.ts";

const SWITCHES = { namespace: "kruise-system", name: "sidecarset-switches" };
let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => story.stop());

describe("the stop switch for updates in place", () => {
  it("holds a rollout where it stands, status goes on, and nobody is forgotten when it is off again", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2 } });
    await story.createPods(10);
    story.observer.expect({ maxUnavailable: 2 });
    await story.setImage("logtail:1.1.0");
    await story.until(() => story.observer.withImage("logtail:1.1.0").length >= 4);

    await turn({ updates: "stopped", reason: "the registry moves" });
    await story.clock.advance(100);
    const written = story.observer.withImage("logtail:1.1.0").length;
    await story.quiet();
    expect(story.observer.withImage("logtail:1.1.0")).toHaveLength(written);
    expect(written).toBeLessThan(10);
    expect((await story.set()).status).toMatchObject({ updatedPods: written, updatedReadyPods: written });
    expect([...new Set(story.warnings)]).toEqual([
      'updating in place is stopped for the whole cluster {"reason":"the registry moves"}',
    ]);

    await story.edit({ updateStrategy: { maxUnavailable: 3 } });
    story.observer.expect({ maxUnavailable: 3 });
    await story.startController();
    await story.quiet();
    expect(story.observer.withImage("logtail:1.1.0")).toHaveLength(written);

    await story.cluster.delete(CONFIG_MAPS, SWITCHES);
    await story.quiet();
    expect(story.observer.withImage("logtail:1.1.0")).toHaveLength(10);
    expect((await story.set()).status).toMatchObject({ updatedPods: 10, updatedReadyPods: 10 });
    expect(story.observer.violations).toEqual([]);
  });

  it("stops what is under way in a large wave, and marks as well", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: "100%" } });
    await story.createPods(40);
    const seen = () => story.observer.withImage("logtail:1.1.0").length;
    await turn({ updates: "stop!" });
    await story.clock.advance(100);
    await story.setImage("logtail:1.1.0");
    await story.quiet();
    expect(seen()).toBe(0);
    expect((await story.set()).status).toMatchObject({ matchedPods: 40, updatedPods: 0 });
    expect(story.warnings.join()).toContain("counts as stopped");
  });

  it("for injection leaves rollouts alone", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: "100%" } });
    await story.createPods(3);
    await turn({ injection: "stopped" });
    await story.setImage("logtail:1.1.0");
    await story.quiet();
    expect(story.observer.withImage("logtail:1.1.0")).toHaveLength(3);
    await story.createPods(1, {}, "late");
    expect([...story.observer.pods()].find(({ name }) => name === "late-00")?.image).toBeUndefined();
  });
});

async function turn(data: Readonly<Record<string, string>>): Promise<void> {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: SWITCHES, data } as KubeObject;
  await story.cluster.create(CONFIG_MAPS, object);
  await story.clock.advance(100);
}
