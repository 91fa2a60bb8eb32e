import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startInformer } from "../../src/cluster/informer.ts";
import { CONTROLLER_REVISIONS, NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { podKey, podRecord } from "../../src/core/pod/podRecord.ts";
import { type Playback, playForward } from "../../src/core/rollout/playForward.ts";
import { wavesOf } from "../../src/core/rollout/waves.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
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

/** One upgrade as the API server shows it. */
interface SeenUpgrade {
  readonly pod: string;
  readonly at: number;
  /** The sidecar's process at the time. */
  readonly before: string | undefined;
  readyAt: number | undefined;
}

describe("a rollout played forward", () => {
  it.each<[string, JsonObject]>([
    ["three at a time", { maxUnavailable: 3 }],
    ["evenly over zones", { maxUnavailable: 3, scatterStrategy: [{ key: "zone", value: "*" }] }],
    ["half of the pods, a fifth at a time", { maxUnavailable: "20%", partition: "50%" }],
    [
      "some zones first",
      {
        maxUnavailable: 2,
        priorityStrategy: { weightPriority: [{ weight: 50, matchSelector: { matchLabels: { zone: "c" } } }] },
      },
    ],
  ])("has the order, the waves and the times of the controller on a cluster: %s", async (_, updateStrategy) => {
    const { seen, played } = await seenAndPlayed(updateStrategy, NEW);
    expect(seen.length).toBeGreaterThan(5);
    expect(played.upgrades.map(({ pod }) => pod)).toEqual(seen.map(({ pod }) => pod));
    expect(played.unavailable.most).toBe(story.observer.mostUnavailable);
    const [first] = wavesOf(played);
    expect(first!.pods.map(({ pod }) => pod)).toEqual(seen.slice(0, played.unavailable.limit).map(({ pod }) => pod));
    for (const [index, { at }] of played.upgrades.entries()) {
      expect(Math.abs(at - played.upgrades[0]!.at - (seen[index]!.at - seen[0]!.at)), `pod ${index}`).toBeLessThan(500);
    }
    expect((await story.set()).status).toMatchObject({
      updatedPods: played.after.updated,
      updatedReadyPods: played.after.updatedReady,
      readyPods: played.after.ready,
    });
  });

  it("is blocked by the pods that block the controller when the image cannot be pulled", async () => {
    const { seen, played } = await seenAndPlayed({ maxUnavailable: 2 }, "logtail:missing");
    expect(played.upgrades.map(({ pod }) => pod)).toEqual(seen.map(({ pod }) => pod));
    expect(played.after).toMatchObject({ updated: 2, updatedReady: 0, ready: 10 });
    expect((await story.set()).status).toMatchObject({ updatedPods: 2, updatedReadyPods: 0, readyPods: 10 });
  });
});

/** Rolls an image out on the cluster, then plays it from the state before, with the restart times that were seen. */
async function seenAndPlayed(
  updateStrategy: JsonObject,
  image: string,
): Promise<{ readonly seen: readonly SeenUpgrade[]; readonly played: Playback }> {
  await story.apply({ updateStrategy });
  for (const zone of ["a", "b", "c"]) await story.createPods(4, { zone }, `web-${zone}`);
  await story.quiet();
  const pods = (await story.cluster.list<Pod>(PODS)).items.map(podRecord);
  const revisions = (await story.cluster.list<ControllerRevision>(CONTROLLER_REVISIONS)).items;
  const namespaces = (await story.cluster.list(NAMESPACES)).items;
  const seen = followUpgrades();
  story.observer.expect({});
  await story.setImage(image);
  const stored = parseSidecarSet(await story.cluster.get<KubeObject>(SIDECAR_SETS, { name: "logging" }));
  if (!stored.ok) throw new Error(JSON.stringify(stored.error));
  const start = story.clock.now();
  await story.quiet();
  const restarts = new Map(seen.map((upgrade) => [upgrade.pod, upgrade]));
  const played = playForward({
    set: stored.value,
    pods,
    namespaces: new Map(namespaces.map(({ metadata }) => [metadata.name ?? "", metadata.labels ?? {}])),
    revisions,
    start,
    restart: (pod) => {
      const upgrade = restarts.get(podKey(pod));
      if (upgrade?.readyAt === undefined) return { afterMs: 1000, comesUp: false };
      return { afterMs: upgrade.readyAt - upgrade.at, comesUp: true };
    },
  });
  return { seen, played };
}

/** In the order of the writes. */
function followUpgrades(): SeenUpgrade[] {
  const seen: SeenUpgrade[] = [];
  const { cluster, environment, clock } = story;
  const stop = new AbortController();
  const copy = startInformer<Pod, Pod>({
    cluster,
    environment,
    type: PODS,
    transform: (pod) => pod,
    signal: stop.signal,
  });
  copy.subscribe((change) => {
    if (change.type !== "updated") return;
    const { metadata } = change.object;
    const pod = `${metadata.namespace}/${metadata.name}`;
    if (imageOf(change.old) !== imageOf(change.object)) {
      seen.push({ pod, at: clock.now(), before: runsAs(change.object), readyAt: undefined });
    }
    const upgrade = seen.find((each) => each.pod === pod);
    if (upgrade && runsAs(change.object) !== upgrade.before && isReady(change.object)) upgrade.readyAt ??= clock.now();
  });
  return seen;
}

function imageOf({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === "logtail")?.image;
}

function runsAs({ status }: Pod): string | undefined {
  return status?.containerStatuses?.find(({ name }) => name === "logtail")?.containerID;
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
}
