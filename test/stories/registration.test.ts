import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { StoryCluster } from "./storyCluster.ts";

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.warnings).toEqual([]);
});

describe("a pod that SidecarSets of both failure policies select", () => {
  it("is injected by both in the first call, and the second finds nothing to do", async () => {
    await story.apply({});
    const containers = [{ name: "metrics", image: "metrics:1" }];
    const spec = {
      selector: { matchLabels: { app: "web" } },
      containers,
      injectionStrategy: { failurePolicy: "Ignore" },
    };
    const other = { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: "metrics" }, spec };
    await story.cluster.create(SIDECAR_SETS, other as KubeObject);
    await story.clock.advance(1000);
    const answers = story.recordPodAnswers();
    const metadata = { name: "web", namespace: "ns-1", labels: { app: "web" } };
    const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "app", image: "app:1" }] } };
    const { spec: created } = await story.cluster.create<Pod>(PODS, pod as Pod, { dryRun: true });
    expect(created.containers.map(({ name }) => name)).toEqual(["logtail", "metrics", "app"]);
    expect(answers.map(({ patched }) => patched)).toEqual([true, false]);
  });
});

describe("a SidecarSet", () => {
  it("says that its pods come to the webhook, and that they do not while its injection is paused", async () => {
    await story.apply({});
    await story.clock.advance(1000);
    expect(await registered()).toMatchObject({ status: "True", reason: "Covered" });
    await story.edit({ injectionStrategy: { paused: true } });
    await story.clock.advance(1000);
    expect(await registered()).toMatchObject({ status: "False", reason: "InjectionPaused" });
  });
});

async function registered() {
  return (await story.set()).status?.conditions?.find(({ type }) => type === "Registered");
}
