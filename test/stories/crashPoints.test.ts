import { afterAll, describe, expect, it } from "vitest";
import { CrashWorld, type CrashWorldOptions, imageOf } from "./crashWorld.ts";
import type { Moment } from "./mortalProcess.ts";

/** Where time does not matter. */
const LONG = process.env.FUZZ_RUNS !== undefined;
const PODS = LONG ? 12 : 4;
const LIMIT = 2;
const EMPTY = "empty:1";
/** Longer than what a plan leads to takes to come about. */
const AFTERWARDS_MS = 1_000;
const TIMEOUT_MS = 30 * 60_000;

interface Story extends Omit<CrashWorldOptions, "pods"> {
  readonly name: string;
  /** Also where time matters. */
  readonly always?: true;
  /** Plays one rollout to another version, to its end. */
  readonly play: (world: CrashWorld, version: number) => Promise<void>;
}

const STORIES: readonly Story[] = [
  {
    name: "a partition keeps half of the pods",
    always: true,
    updateStrategy: { maxUnavailable: LIMIT, partition: "50%" },
    play: (world, version) => rollsOut(world, imageOf(version), { pods: PODS / 2 }),
  },
  {
    name: "three quarters at a time, with a readiness probe",
    updateStrategy: { maxUnavailable: "75%" },
    sidecar: { readinessProbe: { tcpSocket: { port: 80 } } },
    play: (world, version) => rollsOut(world, imageOf(version), { pods: PODS, limit: (PODS * 3) / 4 }),
  },
  {
    name: "spread over zones",
    updateStrategy: { maxUnavailable: LIMIT, scatterStrategy: [{ key: "zone", value: "a" }] },
    labels: (index) => ({ zone: index % 2 === 0 ? "a" : "b" }),
    play: (world, version) => rollsOut(world, imageOf(version), { pods: PODS }),
  },
  {
    name: "an image that cannot be pulled stops it, a good one heals it",
    always: true,
    updateStrategy: { maxUnavailable: LIMIT },
    async play(world, version) {
      const { observer } = world;
      const broken = `logtail:missing-${version}`;
      begins(world, LIMIT);
      await world.setImage(broken);
      await world.until(() => observer.withImage(broken).length === LIMIT);
      await world.clock.advance(AFTERWARDS_MS);
      expect(observer.withImage(broken)).toHaveLength(LIMIT);
      await rollsOut(world, imageOf(version), { pods: PODS });
    },
  },
  {
    name: "an undo half way",
    updateStrategy: { maxUnavailable: LIMIT },
    async play(world, version) {
      begins(world, LIMIT);
      await world.setImage(imageOf(version));
      await world.until(() => world.observer.withImage(imageOf(version)).length >= LIMIT);
      await rollsOut(world, imageOf(0), { pods: PODS });
    },
  },
  {
    name: "a hot upgrade",
    updateStrategy: { maxUnavailable: LIMIT },
    sidecar: { upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: EMPTY } },
    pair: { containers: ["logtail-1", "logtail-2"], emptyImage: EMPTY },
    async play(world, version) {
      begins(world, LIMIT);
      await world.setImage(imageOf(version));
      await world.until(() => world.writes.upgradedTo(imageOf(version)) === PODS);
      await statusTells(world, PODS);
    },
  },
];

const PLAYED = STORIES.filter(({ always }) => LONG || always);
const FEWEST = LONG ? 1_000 : 300;

/** A read that was answered for nobody changes as little as one that was never sent. */
const SIDES: readonly Omit<Moment, "nth">[] = [
  { at: "call", when: "before" },
  { at: "write", when: "after" },
  { at: "event", when: "before" },
  { at: "event", when: "after" },
  { at: "timer", when: "before" },
  { at: "timer", when: "after" },
];

const asserted = new Map<string, number>();
afterAll(() => {
  const points = [...asserted].map(([story, count]) => `${count} ${story}`);
  console.log(`${total()} crash points: ${points.join("; ")}`);
});

describe("a manager that is cut off at any moment of a rollout, and another that knows nothing", () => {
  it.each(PLAYED)("$name: within the limits at every event, and to its end", { timeout: TIMEOUT_MS }, async (story) => {
    const world = await CrashWorld.start({ pods: PODS, ...story });
    let version = 1;
    for (const side of SIDES) {
      let met = 0;
      let before: number;
      do {
        before = met;
        world.startManagers({ end: () => ({ ...side, nth: met + 1 }), onEnd: () => met++ });
        const where = `cut off ${side.when} ${side.at} ${before + 1} and later ones`;
        await story.play(world, version++).catch((cause: unknown) => {
          throw new Error(where, { cause });
        });
        await world.rest();
        expect(world.problems(), where).toEqual([]);
      } while (met > before);
      asserted.set(story.name, (asserted.get(story.name) ?? 0) + met);
    }
    world.stop();
  });

  it("a thousand moments and more, some hundreds where time matters", () => {
    expect(total()).toBeGreaterThanOrEqual(FEWEST);
  });
});

function total(): number {
  return [...asserted.values()].reduce((sum, one) => sum + one, 0);
}

function begins({ observer, writes }: CrashWorld, limit: number, kept = 0): void {
  observer.expect({ maxUnavailable: limit, kept, samePods: true });
  writes.expect(limit);
}

async function rollsOut(
  world: CrashWorld,
  image: string,
  { pods, limit = LIMIT }: { readonly pods: number; readonly limit?: number },
): Promise<void> {
  const { observer } = world;
  begins(world, limit, PODS - pods);
  await world.setImage(image);
  await world.until(() => observer.withImage(image).length === pods && observer.unavailable.length === 0);
  await statusTells(world, pods);
  await world.clock.advance(AFTERWARDS_MS);
  expect(observer.withImage(image)).toHaveLength(pods);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(limit);
}

async function statusTells(world: CrashWorld, pods: number): Promise<void> {
  await world.until(async () => {
    const { metadata, status } = await world.set();
    const { observedGeneration, updatedPods, updatedReadyPods } = status ?? {};
    return observedGeneration === metadata.generation && updatedPods === pods && updatedReadyPods === pods;
  });
}
