import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { Candidates } from "./candidates.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { type ScatterGroup, scattered, scatterGroups } from "./scatter.ts";

/** Its candidates are called `a0`, `a1` and so on. */
function group(name: string, size: number, updated = 0): ScatterGroup<string> {
  const candidates = Array.from({ length: size - updated }, (_, index) => `${name}${index}`);
  return { pods: size, updated, candidates };
}

const NAMES = "abcdefgh";
const alphabetically = (one: string, other: string) => Number(one > other) - Number(one < other);

describe("scattering", () => {
  it("gives every group its share after every step, to within one pod", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        const order = [
          ...scattered(
            sizes.map((size, index) => group(NAMES[index]!, size)),
            alphabetically,
          ),
        ];
        const all = sizes.reduce((sum, size) => sum + size, 0);
        expect(order).toHaveLength(all);
        const taken = sizes.map(() => 0);
        let farthest = 0;
        for (const [index, name] of order.entries()) {
          taken[NAMES.indexOf(name[0]!)]!++;
          for (const [g, size] of sizes.entries()) {
            farthest = Math.max(farthest, Math.abs(taken[g]! - ((index + 1) * size) / all));
          }
        }
        expect(farthest).toBeLessThan(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it("lets a group that is behind catch up first", () => {
    const order = [...scattered([group("a", 6, 3), group("b", 6)], alphabetically)];
    expect(order.slice(0, 3)).toEqual(["b0", "b1", "b2"]);
  });
});

describe("several keys", () => {
  const size = fc.integer({ min: 1, max: 12 });
  const zones = fc.array(fc.array(size, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

  it("give each group of the first key its share after every step, and each part of it its share of what the group got, to within one pod", () => {
    fc.assert(
      fc.property(zones, (sizes) => {
        const pods = sizes.flatMap((parts, zone) =>
          parts.flatMap((count, tier) =>
            Array.from({ length: count }, (_, index) =>
              aPod({
                name: `web-${index}`,
                labels: { zone: `z${zone}`, tier: `t${tier}` },
                namespace: `${zone}-${tier}`,
              }),
            ),
          ),
        );
        const order = candidatesOf(pods, { scatterStrategy: [{ key: "zone" }, { key: "tier", value: "*" }] });
        expect(order).toHaveLength(pods.length);
        let farthest = 0;
        const stray = (count: number, share: number) => {
          farthest = Math.max(farthest, Math.abs(count - share));
        };
        const taken = { zone: new Map<string, number>(), part: new Map<string, number>() };
        const take = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
        for (const [index, { labels, namespace }] of order.entries()) {
          take(taken.zone, labels.zone!);
          take(taken.part, namespace);
          for (const [zone, parts] of sizes.entries()) {
            const inZone = parts.reduce((sum, count) => sum + count, 0);
            const ofZone = taken.zone.get(`z${zone}`) ?? 0;
            stray(ofZone, ((index + 1) * inZone) / pods.length);
            for (const [tier, count] of parts.entries()) {
              const ofPart = taken.part.get(`${zone}-${tier}`) ?? 0;
              stray(ofPart, (ofZone * count) / inZone);
            }
          }
        }
        expect(farthest).toBeLessThan(1);
      }),
      { numRuns: 100 },
    );
  });

  it("repair first what the first key has got wrong, then what the second has within it", () => {
    const pods = (zone: string, tier: string, hash: string) =>
      Array.from({ length: 4 }, (_, index) => aPod({ name: `${zone}-${tier}-${index}`, hash, labels: { zone, tier } }));
    const updated = pods("a", "x", "new");
    const outdated = [...pods("a", "y", "old"), ...pods("b", "x", "old"), ...pods("b", "y", "old")];
    const order = candidatesOf(outdated, { scatterStrategy: [{ key: "zone" }, { key: "tier" }] }, updated);
    const parts = order.map(({ name }) => name.slice(0, 3));
    expect(parts.slice(0, 4)).toEqual(["b-x", "b-y", "b-x", "b-y"]);
    expect(parts.slice(4)).toEqual(["a-y", "b-x", "a-y", "b-y", "a-y", "b-x", "a-y", "b-y"]);
  });
});

describe("groups", () => {
  const groupOf = (terms: Parameters<typeof scatterGroups>[0], labels: Record<string, string>) =>
    scatterGroups(terms)!(aPod({ labels }));

  it("are the values of a key, and the pods without it", () => {
    expect(groupOf([{ key: "zone", value: "*" }], { zone: "a" })).toEqual(["a"]);
    expect(groupOf([{ key: "zone" }], {})).toEqual([null]);
  });

  it("are the values named, and all the others", () => {
    const terms = [
      { key: "zone", value: "a" },
      { key: "zone", value: "b" },
      { key: "gray", value: "1" },
    ];
    expect(groupOf(terms, { zone: "b" })).toEqual(["b", null]);
    expect(groupOf(terms, { zone: "c", gray: "1" })).toEqual([null, "1"]);
  });

  it("take a missing label for an empty one where an empty one is named", () => {
    expect(groupOf([{ key: "zone", value: "" }], {})).toEqual([""]);
    expect(groupOf([{ key: "zone", value: "" }], { zone: "a" })).toEqual([null]);
  });
});

function candidatesOf(pods: readonly PodRecord[], updateStrategy: object, updated: readonly PodRecord[] = []) {
  const rules = rolloutRules(aSidecarSet({ updateStrategy }));
  const candidates = new Candidates(rules);
  for (const pod of updated) candidates.count(pod, true, 1);
  for (const pod of pods) candidates.count(pod, false, 1);
  for (const pod of pods) candidates.add({ pod, orderKey: rules.orderKey(pod) });
  return [...candidates].map(({ pod }) => pod);
}
