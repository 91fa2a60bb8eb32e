import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PodRecord, podKey } from "../../src/core/pod/podRecord.ts";
import { isConsistentAndReady, isReady, podFacts } from "../../src/core/rollout/podFacts.ts";
import { isSelected, rolloutRules } from "../../src/core/rollout/rolloutRules.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import { Draws } from "./draws.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { anyPod, readyPod, SET_NAMES, specOf, strategyOf } from "./rolloutCases.ts";
import { CALM, type Happening, happen, WILD } from "./rolloutEvents.ts";
import { type OnUpgrade, RolloutWorld } from "./rolloutWorld.ts";

interface History {
  /** A number per pod, and per SidecarSet, from which they follow. */
  readonly pods: readonly number[];
  readonly sets: readonly number[];
  readonly events: readonly Happening[];
}

/** Many pods see few events, so that every history takes about as long. */
function histories(kinds: readonly Happening[0][]): fc.Arbitrary<History> {
  const sized = (pods: { minLength: number; maxLength: number }, maxLength: number): fc.Arbitrary<History> =>
    fc.record({
      pods: fc.array(fc.nat(), { ...pods, size: "max" }),
      sets: fc.tuple(fc.nat(), fc.nat()),
      events: fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat()), { maxLength, size: "max" }),
    });
  return fc.oneof(
    { arbitrary: sized({ minLength: 1, maxLength: 8 }, 24), weight: 12 },
    { arbitrary: sized({ minLength: 8, maxLength: 40 }, 12), weight: 6 },
    { arbitrary: sized({ minLength: 40, maxLength: 300 }, 5), weight: 1 },
  );
}

describe("a rollout book, whatever happens", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("says after every event what a book says that is opened then, and its plans touch no ready pod without budget", async () => {
    await fuzz(
      histories(WILD),
      ({ pods, sets, events }) => {
        const world = new RolloutWorld(
          pods.map((number, index) => anyPod(index, new Draws(number))),
          new Map(SET_NAMES.map((name, index) => [name, firstEdition(specOf(new Draws(sets[index]!)))])),
        );
        for (const event of events) {
          happen(world, event, keepsBudget(world));
          expectEqualBooks(world);
        }
      },
      WILD_EFFORT,
    );
  });

  it("never has more pods unavailable than one set's limit allows where all were ready", async () => {
    await fuzz(
      histories(CALM),
      ({ pods, sets, events }) => {
        const name = SET_NAMES[sets[1]! % SET_NAMES.length]!;
        const edition = firstEdition({ updateStrategy: strategyOf(new Draws(sets[0]!)) });
        const all = pods.map((number, index) => readyPod(index, new Draws(number)));
        const world = new RolloutWorld(all, new Map([[name, edition]]));
        for (const event of events) {
          happen(world, event, keepsBudget(world));
          const { limit } = world.plan(name)!.budget!;
          expect([...world.server.values()].filter(isDown).length).toBeLessThanOrEqual(limit);
        }
        expectEqualBooks(world);
      },
      CALM_EFFORT,
    );
  });
});

/** A history is as dear as a hundred other cases: in a long run there are 5000, and 2000 of those where all goes well. */
const WILD_EFFORT = { usual: 200, share: 0.25 };
const CALM_EFFORT = { usual: 100, share: 0.1 };

function firstEdition(spec: Readonly<Record<string, unknown>>) {
  return { uid: 0, generation: 1, image: 1, shape: 0, spec, deleting: false };
}

function expectEqualBooks(world: RolloutWorld): void {
  for (const { living, fresh } of world.books()) {
    if (!isDeepStrictEqual(living, fresh)) expect(living).toEqual(fresh);
  }
}

/** No ready pod is written while as many as may be are updated and not back. */
function keepsBudget(world: RolloutWorld): OnUpgrade {
  let busy: number | undefined;
  return (pod, set, limit) => {
    busy ??= busyPods(world, set);
    const facts = podFacts(pod, rolloutRules(set));
    if (isReady(facts)) expect(busy, `${podKey(pod)} was ready`).toBeLessThan(limit);
    busy++;
  };
}

function busyPods(world: RolloutWorld, set: SidecarSet): number {
  const rules = rolloutRules(set);
  return [...world.view()].filter((pod) => {
    if (!isSelected(rules, pod, world.namespaces.get(pod.namespace))) return false;
    const facts = podFacts(pod, rules);
    return facts.counts && facts.updated && !isConsistentAndReady(facts);
  }).length;
}

/** Its readiness is gone, or will be as soon as the kubelet looks. */
function isDown({ ready, containers, initContainers }: PodRecord): boolean {
  return !ready || [...containers, ...initContainers].some(({ image, status }) => image !== status?.image);
}
