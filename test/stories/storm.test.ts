import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PODS } from "../../src/cluster/resource.ts";
import type { SeenPod } from "./rolloutObserver.ts";
import { StoryCluster } from "./storyCluster.ts";

const LIMIT = 2;
const LINE_BROKEN = "the line is broken";

type Blow =
  | { readonly do: "image"; readonly image: string }
  | { readonly do: "partition"; readonly partition: number | string }
  | { readonly do: "pause"; readonly paused: boolean }
  | { readonly do: "kill"; readonly pod: number }
  | { readonly do: "evict"; readonly pod: number }
  | { readonly do: "relabel"; readonly pod: number; readonly app: string }
  | { readonly do: "late"; readonly lateMs: number }
  | { readonly do: "break"; readonly forMs: number }
  | { readonly do: "takeOver" };

const blow = fc.oneof<fc.Arbitrary<Blow>[]>(
  fc.record({
    do: fc.constant("image" as const),
    image: fc.constantFrom("logtail:1.0.0", "logtail:1.0.1", "logtail:2.0.0", "logtail:missing", "logtail:unready"),
  }),
  fc.record({ do: fc.constant("partition" as const), partition: fc.constantFrom(0, 3, "50%", "100%") }),
  fc.record({ do: fc.constant("pause" as const), paused: fc.boolean() }),
  fc.record({ do: fc.constant("kill" as const), pod: fc.nat(7) }),
  fc.record({ do: fc.constant("evict" as const), pod: fc.nat(7) }),
  fc.record({ do: fc.constant("relabel" as const), pod: fc.nat(7), app: fc.constantFrom("web", "other") }),
  fc.record({ do: fc.constant("late" as const), lateMs: fc.constantFrom(0, 700, 4000) }),
  fc.record({ do: fc.constant("break" as const), forMs: fc.constantFrom(500, 30_000) }),
  fc.record({ do: fc.constant("takeOver" as const) }),
);

describe("whatever is done to a rollout", () => {
  it("no ready pod is touched beyond the limit, no app container restarts, and in the end all pods follow", async () => {
    const storm = fc.array(fc.record({ blow, thenMs: fc.constantFrom(0, 60, 300, 1500, 8000) }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(storm, fc.constantFrom<object[]>({}, { readinessProbe: { tcpSocket: { port: 80 } } }), weather),
      { numRuns: 12, seed: 20260701, endOnFailure: true },
    );
  });
});

async function weather(
  storm: readonly { readonly blow: Blow; readonly thenMs: number }[],
  probes: object,
): Promise<void> {
  const story = await StoryCluster.start();
  try {
    await story.apply({ updateStrategy: { maxUnavailable: LIMIT } }, probes);
    await story.createPods(8);
    story.observer.expect({ maxUnavailable: LIMIT });
    for (const { blow, thenMs } of storm) {
      await strike(story, blow);
      await story.clock.advance(thenMs);
    }
    story.view.delayPods(0);
    for (const pod of active(story)) await relabel(story, pod, "web");
    await story.edit({ updateStrategy: { paused: false, partition: 0 } });
    await story.setImage("logtail:3.0.0");
    await story.quiet();
    expect(story.observer.violations).toEqual([]);
    expect(story.warnings.filter((warning) => !warning.includes(LINE_BROKEN))).toEqual([]);
    const pods = active(story).length;
    expect(active(story).filter(({ image }) => image === "logtail:3.0.0")).toHaveLength(pods);
    expect(active(story).filter(({ ready }) => !ready)).toEqual([]);
    expect((await story.set()).status).toMatchObject({ matchedPods: pods, updatedPods: pods, updatedReadyPods: pods });
  } finally {
    story.stop();
  }
}

async function strike(story: StoryCluster, blow: Blow): Promise<void> {
  switch (blow.do) {
    case "image":
      return story.setImage(blow.image);
    case "partition":
      return story.edit({ updateStrategy: { partition: blow.partition } });
    case "pause":
      return story.edit({ updateStrategy: { paused: blow.paused } });
    case "kill": {
      const pod = active(story)[blow.pod];
      if (pod) await story.cluster.delete(PODS, { namespace: "ns-1", name: pod.name }, { gracePeriodSeconds: 0 });
      return;
    }
    case "evict": {
      const pod = active(story)[blow.pod];
      const patch = { status: { phase: "Failed", reason: "Evicted" } };
      if (pod) await story.cluster.patch(PODS, { namespace: "ns-1", name: pod.name }, { type: "merge", patch }, STATUS);
      return;
    }
    case "relabel": {
      const pod = active(story)[blow.pod];
      return pod && relabel(story, pod, blow.app);
    }
    case "late":
      return story.view.delayPods(blow.lateMs);
    case "break":
      story.view.breakPods();
      await story.clock.advance(blow.forMs);
      return story.view.mendPods();
    case "takeOver":
      return story.startController();
  }
}

const STATUS = { subresource: "status" };

/** Pods that have not been evicted. */
function active(story: StoryCluster): readonly SeenPod[] {
  return [...story.observer.pods()].filter(({ finished }) => !finished);
}

async function relabel({ cluster }: StoryCluster, { name }: SeenPod, app: string): Promise<void> {
  await cluster.patch(PODS, { namespace: "ns-1", name }, { type: "merge", patch: { metadata: { labels: { app } } } });
}
