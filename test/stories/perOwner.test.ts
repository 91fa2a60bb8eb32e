import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
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

describe("maxUnavailablePerOwner", () => {
  it("holds for every workload at every step, and no workload waits for another", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 10, maxUnavailablePerOwner: "20%" } });
    const sizes: Readonly<Record<string, number>> = { api: 10, db: 3, web: 5 };
    for (const [workload, size] of Object.entries(sizes)) await createOwned(workload, size);
    await story.until(() => story.observer.size === 18 && story.observer.unavailable.length === 0);
    story.observer.expect({ maxUnavailable: 10 });
    await story.setImage("logtail:1.1.0");
    const most: Record<string, number> = {};
    await story.until(() => {
      for (const workload of Object.keys(sizes)) {
        const down = story.observer.unavailable.filter(({ name }) => name.startsWith(workload)).length;
        most[workload] = Math.max(most[workload] ?? 0, down);
      }
      return story.observer.withImage("logtail:1.1.0").length === 18;
    });
    expect(most).toEqual({ api: 2, db: 1, web: 1 });
    await story.quiet();
    expect((await story.set()).status).toMatchObject({ updatedPods: 18, updatedReadyPods: 18 });
  });

  it("lets go what mends a pod that a broken release holds down, though its workload has no room", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 10, maxUnavailablePerOwner: 1 } });
    await createOwned("web", 3);
    await story.until(() => story.observer.size === 3 && story.observer.unavailable.length === 0);
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage("logtail:missing");
    await story.until(() => story.observer.unavailable.length === 1);
    await story.quiet();
    expect(story.observer.withImage("logtail:missing")).toHaveLength(1);
    await story.setImage("logtail:1.2.0");
    await story.quiet();
    expect((await story.set()).status).toMatchObject({ updatedPods: 3, updatedReadyPods: 3 });
  });
});

async function createOwned(workload: string, size: number): Promise<void> {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: workload, uid: `uid-${workload}`, controller: true };
  for (let index = 0; index < size; index++) {
    const metadata = {
      name: `${workload}-${index}`,
      namespace: "ns-1",
      labels: { app: "web" },
      ownerReferences: [owner],
    };
    const spec = { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] };
    await story.cluster.create(PODS, { apiVersion: "v1", kind: "Pod", metadata, spec } as KubeObject);
  }
}
