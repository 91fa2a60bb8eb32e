import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { StoryCluster } from "./storyCluster.ts";

const OLD = "logtail:1.0.0";
const NEW = "logtail:1.0.1";
const TAG = "sidecarset.kruise.io/override.logtail.imageTag";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

describe("a pod that chooses the tag of its sidecar", () => {
  it("keeps it through a release without a restart, counts as updated, and the release ends", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } }, { podOverrides: ["imageTag"] });
    await story.createPods(4);
    await createPinned("pinned", "1.0.0");
    const before = await pod("pinned");
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage(NEW);
    await story.quiet();
    expect(story.observer.withImage(NEW)).toHaveLength(4);
    expect(story.observer.withImage(OLD).map(({ name }) => name)).toEqual(["pinned"]);
    expect((await story.set()).status).toMatchObject({ matchedPods: 5, updatedPods: 5, updatedReadyPods: 5 });

    const after = await pod("pinned");
    expect(containerIds(after)).toEqual(containerIds(before));
    expect(hashOf(after)).toBe(hashOf(await pod("web-00")));
    expect(hashOf(after)).not.toBe(hashOf(before));
    // One write for the whole release: the records.
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });

  it("moves to another repository with it", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } }, { podOverrides: ["imageTag"] });
    await story.createPods(1);
    await createPinned("pinned", "0.9");
    story.observer.expect({ maxUnavailable: 1 });
    await story.setImage("mirror/logtail:1.0.1");
    await story.quiet();
    expect(story.observer.withImage("mirror/logtail:0.9").map(({ name }) => name)).toEqual(["pinned"]);
    expect(story.observer.unavailable).toEqual([]);
    expect((await story.set()).status).toMatchObject({ updatedPods: 2, updatedReadyPods: 2 });
  });

  it("follows the SidecarSet again from the release on that no longer lets it", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } }, { podOverrides: ["imageTag"] });
    await createPinned("pinned", "1.0.0");
    const containers = [{ name: "logtail", image: NEW }];
    await story.edit({ containers });
    await story.quiet();
    expect(story.observer.withImage(NEW).map(({ name }) => name)).toEqual(["pinned"]);
  });
});

async function createPinned(name: string, tag: string): Promise<void> {
  await story.cluster.create(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "ns-1", labels: { app: "web" }, annotations: { [TAG]: tag } },
    spec: { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] },
  } as KubeObject);
  await story.quiet();
}

function pod(name: string): Promise<Pod> {
  return story.cluster.get<Pod>(PODS, { namespace: "ns-1", name });
}

function containerIds({ status }: Pod) {
  return status?.containerStatuses?.map(({ name, containerID }) => [name, containerID]);
}

function hashOf({ metadata }: Pod): string {
  const record = JSON.parse(metadata.annotations?.["kruise.io/sidecarset-hash"] ?? "{}") as {
    readonly logging: { readonly hash: string };
  };
  return record.logging.hash;
}
