import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { StoryCluster } from "./storyCluster.ts";

const EMPTY = "empty:1";
const REFUSAL = "a policy forbids it";
const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: EMPTY };

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
  await story.apply({ updateStrategy: { maxUnavailable: 2 } }, { upgradeStrategy } as object);
  await story.createPods(4);
});
afterEach(() => {
  story.stop();
  expect(story.warnings.filter((text) => !text.includes(REFUSAL))).toEqual([]);
});

describe("a hot upgrade", () => {
  it("that was started is finished although the set is paused, and no other is started", async () => {
    await story.setImage("logtail:1.1.0");
    await story.until(async () => (await images()).some(isHalfWay));
    await story.edit({ updateStrategy: { paused: true } });
    await story.quiet();
    const pairs = await images();
    expect(pairs.filter(isHalfWay)).toEqual([]);
    const upgraded = pairs.filter(([, second]) => second === "logtail:1.1.0").length;
    expect(upgraded).toBeGreaterThan(0);
    expect(upgraded).toBeLessThan(4);
    expect((await story.set()).status).toMatchObject({ updatedPods: upgraded, updatedReadyPods: upgraded });
  });

  it("to an image that does not exist is undone by pointing back, without a restart of what serves", async () => {
    await story.setImage("logtail:missing");
    await story.until(async () => (await images()).some(isHalfWay));
    await story.clock.advance(10_000);
    const served = await containers("logtail-1");
    await story.setImage("logtail:1.0.0");
    await story.quiet();
    expect(await images()).toEqual(Array.from({ length: 4 }, () => ["logtail:1.0.0", EMPTY]));
    expect(await containers("logtail-1")).toEqual(served);
    expect((await story.set()).status).toMatchObject({ updatedPods: 4, updatedReadyPods: 4 });
  });

  it("goes from version to version, also when the next one comes on the way", async () => {
    await story.setImage("logtail:1.1.0");
    await story.until(async () => (await images()).some(isHalfWay));
    await story.setImage("logtail:1.2.0");
    await story.quiet();
    const pairs = await images();
    expect(pairs.map((pair) => [...pair].sort())).toEqual(pairs.map(() => [EMPTY, "logtail:1.2.0"]));
    expect((await story.set()).status).toMatchObject({ updatedPods: 4, updatedReadyPods: 4 });
  });

  it("whose second half is refused does not keep other pods from theirs", async () => {
    await story.setImage("logtail:1.1.0");
    await story.until(async () => (await images()).some(isHalfWay));
    const stuck = (await pods()).find((pod) => isHalfWay(imagesOf(pod)))!.metadata.name!;
    story.view.refuse((pod) => (pod === `ns-1/${stuck}` ? REFUSAL : false));
    await story.quiet();
    const left = (await pods()).filter((pod) => isHalfWay(imagesOf(pod))).map(({ metadata }) => metadata.name);
    expect(left).toEqual([stuck]);
    expect((await story.set()).status).toMatchObject({ updatedPods: 4, updatedReadyPods: 3 });
    story.view.refuse(() => false);
    await story.clock.advance(60_000);
    await story.quiet();
    expect((await images()).filter(isHalfWay)).toEqual([]);
    expect((await story.set()).status).toMatchObject({ updatedReadyPods: 4 });
  });
});

async function pods(): Promise<readonly Pod[]> {
  return (await story.cluster.list<Pod>(PODS, { namespace: "ns-1" })).items;
}

async function images(): Promise<readonly (readonly string[])[]> {
  return (await pods()).map(imagesOf);
}

function imagesOf({ spec }: Pod): readonly string[] {
  return ["logtail-1", "logtail-2"].map((name) => spec.containers.find((one) => one.name === name)!.image!);
}

function isHalfWay(pair: readonly string[]): boolean {
  return !pair.includes(EMPTY);
}

async function containers(name: string) {
  return (await pods()).map(
    ({ status }) => status?.containerStatuses?.find((container) => container.name === name)?.containerID,
  );
}
