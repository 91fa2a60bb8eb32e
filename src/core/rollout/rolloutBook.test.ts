import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { type PodName, type PodRecord, podKey } from "../pod/podRecord.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { openBook, planRollout } from "./planRollout.ts";
import type { RolloutBook } from "./rolloutBook.ts";
import { firstStep } from "./rolloutPlan.ts";
import { REASON_CODES } from "./verdict.ts";

const NOW = Date.parse("2026-06-10T00:00:00Z");
const namespaces = new Map([["default", {}]]);

const podTraits = fc.record<PodTraits>({
  name: fc.integer({ min: 0, max: 15 }).map((index) => `web-${index}`),
  hash: fc.constantFrom("old", "older", "new"),
  hashWithoutImage: fc.constantFrom("same", "same", "same", "other"),
  ready: fc.boolean(),
  phase: fc.constantFrom("Running", "Running", "Pending", "Succeeded"),
  labels: fc.constantFrom<Record<string, string>[]>({}, { app: "other" }, { canary: "true" }, { zone: "a" }),
  owner: fc.constantFrom("", "a", "b"),
  deleting: fc.constantFrom(false, false, true),
  createdAt: fc.constantFrom("2026-06-04T00:00:00Z", "2026-06-05T00:00:00Z"),
  status: fc.constantFrom({}, { restartCount: 1 }, { state: { running: { startedAt: "2026-06-09T23:59:58Z" } } }),
  sidecar: fc.constantFrom({}, { startupProbe: { periodSeconds: 5 } }),
  revision: fc.constantFrom("r1", "r2"),
  annotations: fc.constantFrom<Record<string, string>[]>(
    {},
    { "kruise.io/sidecarset-injected-list": "another" },
    {
      "sidecarset.kruise.io/upgrade-state":
        '{"logging":{"hash":"new","containers":{"logtail":{"containerID":"x","restartCount":0,"generation":0}}}}',
    },
  ),
});
const strategy = fc.record({
  partition: fc.constantFrom(0, 2, "50%"),
  maxUnavailable: fc.constantFrom(1, 3, "25%"),
  selector: fc.constantFrom(undefined, { matchLabels: { canary: "true" } }),
  paused: fc.constantFrom(false, false, true),
  maxUnavailablePerOwner: fc.constantFrom(undefined, undefined, 1, "50%"),
  scatterStrategy: fc.constantFrom(undefined, [{ key: "canary", value: "*" }], [{ key: "zone" }, { key: "canary" }]),
});

function stateOf(book: RolloutBook, set: SidecarSet, now: number) {
  const revisions = [revisionOf(set, { revision: 1, collisionCount: 0 })];
  const { actions, ...plan } = book.plan({ revisions, collisionCount: 0, now });
  const byPod = (key: { kind: string }) => JSON.stringify(key);
  return {
    ...plan,
    // Marks and flips have no order among them.
    actions: actions.map(byPod).sort(),
    wave: actions.filter(({ kind }) => kind === "upgradePod"),
    verdicts: new Map([...book.verdicts(now)].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

describe("a book", () => {
  it("that lived through any events equals a book opened afterwards", () => {
    const event = fc.oneof(podTraits, fc.integer({ min: 0, max: 15 }), fc.constant("look" as const));
    fc.assert(
      fc.property(
        fc.array(podTraits),
        fc.array(event, { maxLength: 40 }),
        strategy,
        (initial, events, updateStrategy) => {
          const set = aSidecarSet({ updateStrategy });
          const pods = new Map(initial.map((traits) => aPod(traits)).map((pod) => [podKey(pod), pod]));
          const book = openBook({ set, pods: pods.values(), namespaces });
          let now = NOW;
          for (const one of events) {
            if (one === "look") {
              now += 2000;
              stateOf(book, set, now);
            } else if (typeof one === "number") remove(book, pods, { namespace: "default", name: `web-${one}` });
            else put(book, pods, aPod(one));
          }
          const fresh = openBook({ set, pods: pods.values(), namespaces });
          expect(stateOf(book, set, now)).toEqual(stateOf(fresh, set, now));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("forgets a refusal when the pod is upgraded by somebody else, so that the partition keeps its number", () => {
    const set = aSidecarSet({ updateStrategy: { partition: 1, maxUnavailable: 5 } });
    const pods = ["a", "b", "c"].map((name) => aPod({ name }));
    const book = openBook({ set, pods, namespaces });
    book.defer({ namespace: "default", name: "a" }, NOW + 30_000, "refused");
    const done = aPod({ name: "a", hash: "new", image: "logtail:2" });
    book.put(done);
    const fresh = openBook({ set, pods: [done, ...pods.slice(1)], namespaces });
    expect(stateOf(book, set, NOW)).toEqual(stateOf(fresh, set, NOW));
    expect(stateOf(book, set, NOW).wave).toHaveLength(1);
  });

  it("never spends more than the limit, and keeps the partition", () => {
    fc.assert(
      fc.property(fc.array(podTraits, { minLength: 1 }), strategy, (traits, updateStrategy) => {
        const pods = new Map(traits.map((one) => aPod(one)).map((pod) => [podKey(pod), pod]));
        const set = aSidecarSet({ updateStrategy });
        const revisions = [revisionOf(set, { revision: 1, collisionCount: 0 })];
        const plan = planRollout({ set, pods: pods.values(), namespaces, revisions, now: NOW });
        const { used, limit } = plan.budget!;
        const step = firstStep(plan.actions).filter((action) => action.kind === "upgradePod");
        const costly = step.filter(({ wasReady }) => wasReady);
        expect(costly.length).toBeLessThanOrEqual(Math.max(0, limit - used));
        if (step.some(({ wasReady }) => !wasReady)) expect(costly).toEqual([]);
        if (updateStrategy.paused) expect(step).toEqual([]);
        if (updateStrategy.maxUnavailablePerOwner !== 1) return;
        const owners = step.map(({ pod }) => pods.get(podKey(pod))!.owner).filter((owner) => owner !== "");
        expect(new Set(owners).size).toBe(owners.length);
      }),
    );
  });
});

describe("verdicts", () => {
  it("say why each selected pod waits or is left alone", () => {
    const pods = [
      aPod({ name: "a-current", hash: "new" }),
      aPod({ name: "b-other", hashWithoutImage: "other" }),
      aPod({ name: "c-next", ready: false }),
      aPod({ name: "d-queued" }),
      aPod({ name: "e-held" }),
      aPod({ name: "f-done", phase: "Succeeded" }),
      aPod({ name: "g-plain", annotations: { "kruise.io/sidecarset-injected-list": "" } }),
      aPod({ name: "h-unselected", labels: { app: "other" } }),
    ];
    const set = aSidecarSet({ updateStrategy: { maxUnavailable: 0, partition: 1 } });
    const { verdicts } = planRollout({ set, pods, namespaces, revisions: [], now: NOW });
    const told = [...verdicts].map(([pod, verdict]) => [
      pod.slice("default/".length),
      verdict.kind === "upgrade" ? "upgrade" : verdict.because,
    ]);
    expect(Object.fromEntries(told)).toEqual({
      "a-current": "upToDate",
      "b-other": "nonImageChange",
      "c-next": "upgrade",
      "d-queued": "maxUnavailable",
      "e-held": "partition",
      "f-done": "inactivePod",
      "g-plain": "notInjected",
    });
    expect(verdicts.get("default/d-queued")).toMatchObject({ used: 0, limit: 0, place: 1 });
    expect(verdicts.get("default/c-next")).toEqual({
      kind: "upgrade",
      changes: [{ container: "logtail", from: "logtail:1", to: "logtail:2" }],
    });
    expect(REASON_CODES.maxUnavailable).toBe("U06");
  });

  it("say that updates are stopped of every pod that would be written sooner or later, and of no other", () => {
    const pods = [aPod({ name: "current", hash: "new" }), aPod({ name: "next" }), aPod({ name: "later" })];
    const updatesStopped = { reason: "the registry moves", since: NOW };
    const snapshot = { set: aSidecarSet(), pods, namespaces, now: NOW, updatesStopped };
    const revisions = [revisionOf(snapshot.set, { revision: 1, collisionCount: 0 })];
    const { verdicts, actions } = planRollout({ ...snapshot, revisions });
    const stopped = { kind: "wait", because: "updatesStopped", ...updatesStopped };
    expect(verdicts.get("default/current")).toMatchObject({ because: "upToDate" });
    expect(verdicts.get("default/next")).toEqual(stopped);
    expect(verdicts.get("default/later")).toEqual(stopped);
    expect(actions.map(({ kind }) => kind)).toEqual(["writeStatus"]);
    expect(REASON_CODES.updatesStopped).toBe("U18");
  });

  it("of a strategy that cannot be read upgrade nothing", () => {
    const set = aSidecarSet();
    const updateStrategy = { ...set.spec.updateStrategy, partition: "half" };
    const unreadable = { ...set, spec: { ...set.spec, updateStrategy } };
    const { verdicts, budget } = planRollout({ set: unreadable, pods: [aPod()], namespaces, revisions: [], now: NOW });
    expect(budget).toBeUndefined();
    expect(verdicts.get("default/web-0")).toMatchObject({ kind: "wait", because: "unreadableStrategy" });
  });
});

describe("a plan", () => {
  it("records the revision before anything else", () => {
    const { actions, status } = planRollout({
      set: aSidecarSet(),
      pods: [aPod()],
      namespaces,
      revisions: [],
      now: NOW,
    });
    expect(actions.map(({ kind }) => kind)).toEqual(["recordRevision"]);
    expect(status).toBeUndefined();
  });

  it("keeps revisions beyond the limit that pods or a pin still name", () => {
    const set = aSidecarSet({ revisionHistoryLimit: 2, injectionStrategy: { revision: { revisionName: "r3" } } });
    const revision = (number: number) => ({
      ...revisionOf(set, { revision: number, collisionCount: 0 }),
      metadata: { name: `r${number}`, uid: `uid-r${number}` },
      data: { other: number },
    });
    const latest = { ...revision(5), data: revisionOf(set, { revision: 5, collisionCount: 0 }).data! };
    const revisions = [revision(1), revision(2), revision(3), revision(4), latest];
    const { actions } = planRollout({ set, pods: [aPod({ revision: "r1" })], namespaces, revisions, now: NOW });
    expect(actions.filter(({ kind }) => kind === "pruneRevision")).toEqual([
      { kind: "pruneRevision", name: "r2", uid: "uid-r2" },
      { kind: "pruneRevision", name: "r4", uid: "uid-r4" },
    ]);
  });

  it("stops when the set is being deleted", () => {
    const set = aSidecarSet({}, { deletionTimestamp: "2026-06-02T00:00:00Z" });
    expect(planRollout({ set, pods: [aPod()], namespaces, revisions: [], now: NOW }).actions).toEqual([]);
  });
});

function put(book: RolloutBook, pods: Map<string, PodRecord>, pod: PodRecord): void {
  pods.set(podKey(pod), pod);
  if (book.selects(pod, {})) book.put(pod);
  else book.remove(pod);
}

function remove(book: RolloutBook, pods: Map<string, PodRecord>, pod: PodName): void {
  pods.delete(podKey(pod));
  book.remove(pod);
}
