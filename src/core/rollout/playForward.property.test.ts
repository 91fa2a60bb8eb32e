import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { outcomeOf } from "./outcome.ts";
import { type Playback, playForward } from "./playForward.ts";
import { wavesOf } from "./waves.ts";

const START = Date.parse("2026-07-01T00:00:00Z");

interface Case {
  /** One entry per pod: its zone, its restart time in seconds, whether the new image comes up, whether it is ready at the start. */
  readonly pods: readonly (readonly [string, number, boolean, boolean])[];
  readonly maxUnavailable: number | string;
  readonly partition: number | string;
  readonly scatters: boolean;
}

const amount = (least: number) =>
  fc.oneof(
    fc.integer({ min: least, max: 12 }),
    fc.integer({ min: least, max: 100 }).map((percent) => `${percent}%`),
  );

const cases: fc.Arbitrary<Case> = fc.record({
  pods: fc.array(
    fc.tuple(
      fc.constantFrom("a", "b", "c"),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 9 }).map((luck) => luck > 0),
      fc.integer({ min: 0, max: 9 }).map((luck) => luck > 0),
    ),
    { minLength: 1, maxLength: 40 },
  ),
  maxUnavailable: amount(1),
  partition: amount(0),
  scatters: fc.boolean(),
});

function played({ pods, maxUnavailable, partition, scatters }: Case): Playback {
  const scatterStrategy = scatters ? [{ key: "zone", value: "*" }] : [];
  return playForward({
    set: aSidecarSet({ updateStrategy: { maxUnavailable, partition, scatterStrategy } }),
    pods: pods.map(([zone, , , ready], index) =>
      aPod({ name: `web-${index}`, labels: { zone }, ready, status: { ready } }),
    ),
    namespaces: new Map([["default", {}]]),
    revisions: [],
    start: START,
    restart: ({ name }) => {
      const [, seconds, comesUp] = pods[Number(name.slice(4))]!;
      return { afterMs: seconds * 1000, comesUp };
    },
  });
}

describe("every rollout played forward", () => {
  it("upgrades each pod at most once, keeps the limit where all pods start ready, and ends for a reason", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const playback = played(one);
        const { upgrades, unavailable, after, verdicts } = playback;
        const names = upgrades.map(({ pod }) => pod);
        expect(new Set(names).size).toBe(names.length);
        expect(after.updated).toBe(names.length);
        expect(wavesOf(playback).flatMap(({ pods }) => pods)).toHaveLength(names.length);
        if (one.pods.every(([, , , ready]) => ready)) {
          expect(unavailable.mostUpdated).toBeLessThanOrEqual(unavailable.limit!);
          expect(unavailable.most).toBeLessThanOrEqual(unavailable.limit!);
        }
        const waiting = [...verdicts.values()].filter(({ kind }) => kind !== "skip");
        expect(waiting.every((verdict) => verdict.kind === "wait")).toBe(true);
        const isStuck = after.updated - after.updatedReady >= unavailable.limit!;
        if (outcomeOf(playback) === "blocked") expect(isStuck).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
