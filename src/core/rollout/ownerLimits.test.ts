import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { type PodRecord, podKey } from "../pod/podRecord.ts";
import { type Candidate, keyOf } from "./candidate.ts";
import { Candidates } from "./candidates.ts";
import { ownerLimitOf } from "./ownerLimits.ts";
import { planRollout } from "./planRollout.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { REASON_CODES } from "./verdict.ts";

const NOW = Date.parse("2026-06-10T00:00:00Z");
const namespaces = new Map([["default", {}]]);

describe("the limit of one workload", () => {
  it.each([
    [2, 10, 2],
    [0, 10, 1],
    ["25%", 10, 3],
    ["1%", 3, 1],
    ["0%", 3, 1],
    ["50%", 0, 1],
  ] as const)("%j of %d pods is %d", (perOwner, matched, limit) => {
    expect(ownerLimitOf(perOwner, matched)).toEqual({ ok: true, value: limit });
  });

  it("that cannot be read upgrades nothing, and says so", () => {
    const set = aSidecarSet({ updateStrategy: { maxUnavailablePerOwner: "half" } });
    const { verdicts } = planRollout({ set, pods: [aPod({ owner: "a" })], namespaces, revisions: [], now: NOW });
    expect(verdicts.get("default/web-0")).toEqual({
      kind: "wait",
      because: "unreadableStrategy",
      message: 'maxUnavailablePerOwner "half" is neither a number nor a percentage such as "50%"',
    });
  });
});

describe("a candidate whose workload has lost as much as it may", () => {
  const set = aSidecarSet({ updateStrategy: { maxUnavailable: 4, maxUnavailablePerOwner: 1 } });
  const pods = [
    aPod({ name: "a-0", owner: "a", hash: "new", ready: false }),
    ...["a-1", "a-2"].map((name) => aPod({ name, owner: "a" })),
    ...["b-0", "b-1"].map((name) => aPod({ name, owner: "b" })),
    ...["c-0", "c-1"].map((name) => aPod({ name })),
  ];
  const { verdicts } = planRollout({ set, pods, namespaces, revisions: [], now: NOW });
  const told = (name: string) => verdicts.get(`default/${name}`)!;

  it("is passed over, and others go on", () => {
    expect(["b-0", "c-0", "c-1"].map((name) => told(name).kind)).toEqual(["upgrade", "upgrade", "upgrade"]);
  });

  it("is told so with its workload and the numbers, those of this wave included", () => {
    const reason = { kind: "wait", because: "maxUnavailablePerOwner", used: 1, limit: 1 };
    expect(told("a-1")).toEqual({ ...reason, owner: "a" });
    expect(told("a-2")).toEqual({ ...reason, owner: "a" });
    expect(told("b-1")).toEqual({ ...reason, owner: "b" });
    expect(REASON_CODES.maxUnavailablePerOwner).toBe("U19");
  });

  it("is not mentioned where the partition keeps everybody", () => {
    const kept = aSidecarSet({ updateStrategy: { maxUnavailablePerOwner: 1, partition: "100%" } });
    const plan = planRollout({ set: kept, pods, namespaces, revisions: [], now: NOW });
    expect(plan.verdicts.get("default/a-1")).toMatchObject({ because: "partition" });
  });
});

describe("candidates by workload", () => {
  const owner = fc.constantFrom("", "a", "b", "c");
  const traits = fc.record({
    name: fc.integer({ min: 0, max: 30 }).map((index) => `web-${index}`),
    owner,
    createdAt: fc.constantFrom("2026-06-04T00:00:00Z", "2026-06-05T00:00:00Z"),
    labels: fc.constantFrom<Record<string, string>[]>({}, { zone: "a" }, { zone: "b" }),
    state: fc.constantFrom("candidate", "candidate", "candidate", "restarting", "done"),
  });
  const perOwner = fc.constantFrom(1, 2, 3, "30%", "50%");

  it("are after any events those that somebody finds who looks through all of them", () => {
    fc.assert(
      fc.property(fc.array(traits, { maxLength: 60 }), perOwner, (events, maxUnavailablePerOwner) => {
        const { candidates, pods } = played(events, { maxUnavailablePerOwner });
        const states = [...pods.values()];
        const left = new Map<string, number>();
        for (const name of ["a", "b", "c"]) {
          const own = states.filter(({ pod }) => pod.owner === name);
          const limit = ownerLimitOf(maxUnavailablePerOwner, own.length);
          left.set(name, (limit.ok ? limit.value : 0) - own.filter(({ state }) => state === "restarting").length);
        }
        const waiting = states.filter(({ state }) => state === "candidate");
        waiting.sort((one, other) => rules({}).order(one.pod, other.pod));
        const expected = waiting.filter(({ pod: { owner: name } }) => {
          if (name === "") return true;
          const room = left.get(name)!;
          left.set(name, room - 1);
          return room > 0;
        });
        expect([...candidates].map(keyOf)).toEqual(expected.map(keyOf));
        expect([...candidates.inOrder()].map(keyOf)).toEqual(waiting.map(keyOf));
        expect(candidates.size).toBe(waiting.length);
        const { count, useOf } = candidates.passedOver(expected);
        const full = waiting.filter((one) => !expected.includes(one) && useOf(one) !== undefined);
        expect(count).toBe(full.length);
        expect(full).toHaveLength(waiting.length - expected.length);
      }),
      { numRuns: 200 },
    );
  });

  it("never exceed the limit of a workload in scatter groups either, and leave nobody out who has room", () => {
    fc.assert(
      fc.property(fc.array(traits, { maxLength: 60 }), fc.constantFrom(1, 2, 3), (events, maxUnavailablePerOwner) => {
        const { candidates, pods } = played(events, { maxUnavailablePerOwner, scatterStrategy: [{ key: "zone" }] });
        const states = [...pods.values()];
        const taken = [...candidates];
        for (const name of ["a", "b", "c"]) {
          const own = states.filter(({ pod }) => pod.owner === name);
          const restarting = own.filter(({ state }) => state === "restarting").length;
          const waiting = own.filter(({ state }) => state === "candidate").length;
          const mine = taken.filter(({ pod }) => pod.owner === name).length;
          expect(mine).toBe(Math.min(waiting, Math.max(0, maxUnavailablePerOwner - restarting)));
        }
        expect(new Set(taken).size).toBe(taken.length);
      }),
      { numRuns: 200 },
    );
  });

  it("cost the same however many of them wait for one workload at the head", () => {
    const blocked = Array.from({ length: 5_000 }, (_, index) => entered(aPod({ name: `a-${index}`, owner: "a" })));
    const next = entered(aPod({ name: "b-0", owner: "b" }));
    let comparisons = 0;
    const plain = rules({ maxUnavailablePerOwner: 1 });
    const counting = {
      ...plain,
      order: (one: PodRecord, other: PodRecord) => {
        comparisons++;
        return plain.order(one, other);
      },
    };
    const candidates = new Candidates<Candidate>(counting);
    for (const candidate of [...blocked, next]) {
      candidates.count(candidate.pod, false, 1);
      candidates.add(candidate);
    }
    candidates.hold(blocked[0]!.pod, 1);
    comparisons = 0;
    expect([...candidates]).toEqual([next]);
    expect(comparisons).toBeLessThan(10);
  });
});

interface Event {
  readonly name: string;
  readonly owner: string;
  readonly createdAt: string;
  readonly labels: Record<string, string>;
  readonly state: string;
}

function rules(updateStrategy: object) {
  return rolloutRules(aSidecarSet({ updateStrategy }));
}

interface Entered extends Candidate {
  readonly state: string;
}

function entered(pod: PodRecord, state = "candidate"): Entered {
  return { pod, orderKey: rules({}).orderKey(pod), state };
}

/** Enters each pod in place of its earlier state, as a book does. */
function played(events: readonly Event[], updateStrategy: object) {
  const candidates = new Candidates<Entered>(rules(updateStrategy));
  const pods = new Map<string, Entered>();
  const enter = (entry: Entered, by: 1 | -1) => {
    const { pod, state } = entry;
    if (by === -1 && state === "candidate") candidates.delete(entry);
    candidates.count(pod, state !== "candidate", by);
    if (state === "restarting") candidates.hold(pod, by);
    if (by === 1 && state === "candidate") candidates.add(entry);
  };
  for (const { state, ...rest } of events) {
    const entry = entered(aPod(rest), state);
    const before = pods.get(podKey(entry.pod));
    if (before) enter(before, -1);
    pods.set(podKey(entry.pod), entry);
    enter(entry, 1);
  }
  return { candidates, pods };
}
