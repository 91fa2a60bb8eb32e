import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONFIG_MAPS, NAMESPACES, PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { StoryCluster } from "./storyCluster.ts";

const NEW = "logtail:1.0.1";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
  const rule = { allowedAnnotationKeyExprs: ["^team/"], allowedLabelKeyExprs: ["^team/"] };
  await story.cluster.create(CONFIG_MAPS, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "kruise-system", name: "kruise-configuration" },
    data: { SidecarSet_PatchPodMetadata_WhiteList: JSON.stringify({ rules: [rule] }) },
  } as KubeObject);
});
afterEach(() => {
  story.stop();
  expect(story.observer.violations).toEqual([]);
  expect(story.warnings).toEqual([]);
});

const patching = (version: string) => ({
  containers: [{ name: "logtail", image: version }],
  patchPodMetadata: [
    { labels: { "team/version": version.split(":")[1] }, patchPolicy: "Overwrite" },
    { annotations: { "team/images": version }, patchPolicy: "AppendUnique" },
  ],
});

describe("labels and lists that a SidecarSet writes", () => {
  it("come with the pod and follow every release, without a restart of the app", async () => {
    await story.apply(patching("logtail:1.0.0"));
    await story.createPods(2);
    expect((await pod("web-00")).metadata.labels).toEqual({ app: "web", "team/version": "1.0.0" });
    await story.quiet();
    story.observer.expect({ maxUnavailable: 1 });
    story.observer.expectImage(NEW);
    await story.edit(patching(NEW));
    await story.quiet();
    for (const name of ["web-00", "web-01"]) {
      const { labels, annotations } = (await pod(name)).metadata;
      expect(labels).toEqual({ app: "web", "team/version": "1.0.1" });
      expect(annotations?.["team/images"]).toBe("logtail:1.0.0,logtail:1.0.1");
    }
    expect((await story.set()).status).toMatchObject({ updatedPods: 2, updatedReadyPods: 2 });
  });

  it("reach running pods that had no label at all", async () => {
    const labels = { team: "a" };
    await story.cluster.patch(NAMESPACES, { name: "ns-1" }, { type: "merge", patch: { metadata: { labels } } });
    await story.apply({ selector: {}, namespaceSelector: { matchLabels: labels } });
    await story.cluster.create(PODS, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "bare", namespace: "ns-1" },
      spec: { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] },
    } as KubeObject);
    await story.quiet();
    await story.edit(patching(NEW));
    await story.quiet();
    expect((await pod("bare")).metadata.labels).toEqual({ "team/version": "1.0.1" });
    expect(story.observer.withImage(NEW)).toHaveLength(1);
  });
});

function pod(name: string): Promise<Pod> {
  return story.cluster.get<Pod>(PODS, { namespace: "ns-1", name });
}
