import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { aSidecarSetObject } from "../../../test/aSidecarSet.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { podKey } from "../pod/podRecord.ts";
import { parseSidecarSet } from "../sidecarSet/parseSidecarSet.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { News } from "./news.ts";
import { openBook } from "./planRollout.ts";
import type { RolloutPlan } from "./rolloutPlan.ts";
import { needsWriting, type RolloutStatus } from "./status.ts";
import { REASON_CODES } from "./verdict.ts";

const NOW = Date.parse("2026-06-10T00:00:00Z");
const PULL = { state: { waiting: { reason: "ImagePullBackOff" } } };
const UPDATED_JUST_NOW = record("2026-06-09T23:59:00Z");

const updated: PodTraits = { hash: "new", image: "logtail:2", revision: "r1" };
const restarting: PodTraits = { ...updated, ready: false, annotations: UPDATED_JUST_NOW };
const failing: PodTraits = { ...restarting, status: PULL };
const tooLate: PodTraits = { ...updated, ready: false };
const old: PodTraits = {};
const unchangeable: PodTraits = { hashWithoutImage: "other" };
const NOT_INJECTED = { "kruise.io/sidecarset-injected-list": "" };

function record(updateTimestamp: string) {
  const entry = { updateTimestamp, hash: "new", sidecarSetName: "logging", sidecarList: ["logtail"] };
  return { "kruise.io/sidecarset-hash": JSON.stringify({ logging: entry }) };
}

interface Fleet {
  readonly pods: readonly PodTraits[];
  readonly strategy?: Record<string, unknown>;
  readonly spec?: Record<string, unknown>;
  readonly metadata?: Record<string, unknown>;
  readonly before?: unknown;
  readonly upgraded?: number;
  readonly now?: number;
  readonly revisions?: readonly ControllerRevision[];
}

function setOf({ strategy, spec = {}, metadata, before }: Fleet): SidecarSet {
  const object = { ...aSidecarSetObject({ updateStrategy: strategy, ...spec }, metadata), status: before };
  const parsed = parseSidecarSet(JSON.parse(JSON.stringify(object)));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function statusOf(fleet: Fleet): RolloutStatus {
  return planOf(fleet).status!;
}

/** What a status tells that the stored one did not. */
function newsOf(fleet: Fleet): readonly News[] {
  return planOf(fleet).actions.flatMap((action) => (action.kind === "writeStatus" ? action.news : []));
}

function planOf(fleet: Fleet): RolloutPlan {
  const { pods, upgraded = 0, now = NOW } = fleet;
  const set = setOf(fleet);
  const records = pods.map((traits, index) => aPod({ name: `web-${index}`, ...traits }));
  const namespaces = new Map(["default", "excluded"].map((name) => [name, {}]));
  const surroundings = { excludedNamespaces: ["excluded"], canaries: new Set(["the-canary"]) };
  const book = openBook({ set, pods: records, namespaces, surroundings });
  const revisions = [...(fleet.revisions ?? []), revisionOf(set, { revision: 9, collisionCount: 0 })];
  return book.plan({ revisions, collisionCount: 0, now, upgraded });
}

/** The generic part of kstatus, which is all that it has for a kind it does not know. */
function kstatus(generation: number, { observedGeneration, conditions }: RolloutStatus): string {
  if (observedGeneration !== generation) return "InProgress";
  const statusIs = (type: string, status: string) =>
    conditions.some((one) => one.type === type && one.status === status);
  if (statusIs("Reconciling", "True")) return "InProgress";
  if (statusIs("Stalled", "True")) return "Failed";
  return conditions.some(({ type }) => type === "Ready") && !statusIs("Ready", "True") ? "InProgress" : "Current";
}

function told({ conditions }: RolloutStatus): Record<string, string> {
  return Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

const COVERED = { CoverageComplete: "True AllInjected" };

describe("phase, conditions and what kstatus makes of them", () => {
  const canary = { selector: { matchLabels: { canary: "true" } } };
  it.each<[string, Fleet, { phase: string; kstatus: string; conditions: Record<string, string> }]>([
    [
      "a wave under way",
      { pods: [old, restarting] },
      {
        phase: "Progressing",
        kstatus: "InProgress",
        conditions: { Ready: "False RollingOut", Progressing: "True WaveInProgress" },
      },
    ],
    [
      "a wave about to begin",
      { pods: [old, old] },
      {
        phase: "Progressing",
        kstatus: "InProgress",
        conditions: { Ready: "False RollingOut", Progressing: "True WaveInProgress" },
      },
    ],
    [
      "pods that wait for others that nobody upgraded",
      { pods: [old, restarting], before: undefined },
      {
        phase: "Progressing",
        kstatus: "InProgress",
        conditions: { Ready: "False RollingOut", Progressing: "True WaitingForBudget" },
      },
    ],
    [
      "all updated and ready",
      { pods: [updated, updated] },
      { phase: "Complete", kstatus: "Current", conditions: { Ready: "True Complete", Progressing: "False Complete" } },
    ],
    [
      "no pods at all",
      { pods: [] },
      { phase: "Complete", kstatus: "Current", conditions: { Ready: "True Complete", Progressing: "False Complete" } },
    ],
    [
      "held by the partition",
      { pods: [updated, old], strategy: { partition: 1 } },
      {
        phase: "Held",
        kstatus: "Current",
        conditions: { Ready: "True HeldByPartition", Progressing: "False HeldByPartition" },
      },
    ],
    [
      "held by the update selector",
      { pods: [{ ...updated, labels: { canary: "true" } }, old], strategy: canary },
      {
        phase: "Held",
        kstatus: "Current",
        conditions: { Ready: "True HeldBySelector", Progressing: "False HeldBySelector" },
      },
    ],
    [
      "paused, half way",
      { pods: [restarting, old], strategy: { paused: true } },
      {
        phase: "Paused",
        kstatus: "Current",
        conditions: { Ready: "True Paused", Progressing: "False Paused", Paused: "True UpdatePaused" },
      },
    ],
    [
      "of type NotUpdate",
      { pods: [old], strategy: { type: "NotUpdate" } },
      {
        phase: "NotUpdate",
        kstatus: "Current",
        conditions: { Ready: "True NotUpdate", Progressing: "False NotUpdate" },
      },
    ],
    [
      "paused for new pods",
      { pods: [updated], spec: { injectionStrategy: { paused: true } } },
      {
        phase: "Complete",
        kstatus: "Current",
        conditions: { Ready: "True Complete", Progressing: "False Complete", Paused: "True InjectionPaused" },
      },
    ],
    [
      "a failing pod that holds the budget",
      { pods: [failing, old, old] },
      {
        phase: "Blocked",
        kstatus: "Failed",
        conditions: { Ready: "False Blocked", Progressing: "False BudgetExhausted", Stalled: "True BudgetExhausted" },
      },
    ],
    [
      "a failing canary, the rest held",
      { pods: [failing, old], strategy: { partition: 1 } },
      {
        phase: "Blocked",
        kstatus: "Failed",
        conditions: { Ready: "False Blocked", Progressing: "False BudgetExhausted", Stalled: "True BudgetExhausted" },
      },
    ],
    [
      "a failing pod beside others that go on",
      { pods: [failing, restarting, old, old], strategy: { maxUnavailable: 2 } },
      {
        phase: "Progressing",
        kstatus: "InProgress",
        conditions: { Ready: "False RollingOut", Progressing: "True WaitingForBudget" },
      },
    ],
    [
      "maxUnavailable 0",
      { pods: [old, old], strategy: { maxUnavailable: 0 } },
      {
        phase: "Blocked",
        kstatus: "Failed",
        conditions: { Ready: "False Blocked", Progressing: "False BudgetExhausted", Stalled: "True BudgetExhausted" },
      },
    ],
    [
      "a last pod that is not ready in time",
      { pods: [tooLate, updated], strategy: { maxUnavailable: 2 } },
      {
        phase: "Blocked",
        kstatus: "Failed",
        conditions: {
          Ready: "False Blocked",
          Progressing: "False ProgressDeadlineExceeded",
          Stalled: "True ProgressDeadlineExceeded",
        },
      },
    ],
    [
      "more than images changed",
      { pods: [unchangeable, updated] },
      {
        phase: "Blocked",
        kstatus: "Failed",
        conditions: { Ready: "False Blocked", Progressing: "False NotUpgradable", Stalled: "True NotUpgradable" },
      },
    ],
    [
      "pods that cannot be upgraded while others can",
      { pods: [unchangeable, old] },
      {
        phase: "Progressing",
        kstatus: "InProgress",
        conditions: { Ready: "False RollingOut", Progressing: "True WaveInProgress" },
      },
    ],
  ])("%s", (_name, fleet, expected) => {
    const started = _name === "a wave under way" ? { upgraded: 1 } : {};
    const status = statusOf({ ...fleet, ...started });
    expect(status.rollout).toMatchObject({ phase: expected.phase });
    expect(told(status)).toEqual({ ...COVERED, ...expected.conditions });
    expect(kstatus(1, status)).toBe(expected.kstatus);
    expect(kstatus(2, status)).toBe("InProgress");
    expect(status.rollout.reason).toBe(status.conditions[1]!.reason);
  });

  it("of a completed rollout stay complete while a pod is not ready, which is not Ready", () => {
    const before = statusOf({ pods: [updated, updated] });
    const status = statusOf({ pods: [updated, restarting], before });
    expect(status.rollout.phase).toBe("Complete");
    expect(told(status)).toMatchObject({ Ready: "False RollingOut", Progressing: "False Complete" });
    expect(told(statusOf({ pods: [updated, tooLate], before }))).not.toHaveProperty("Stalled");
  });
});

describe("messages", () => {
  const messages = (fleet: Fleet) => statusOf(fleet).conditions.map(({ type, message }) => `${type}: ${message}`);
  it("say in numbers what a rollout waits for", () => {
    const covered = "CoverageComplete: all 3 selected pods have the sidecars";
    expect(messages({ pods: [restarting, old, old], upgraded: 1 })).toEqual([
      "Ready: 1 of 3 pods are updated, 0 of them are ready",
      "Progressing: 1 of 3 pods are updated, 0 of them are ready; 2 pods to come, 1 of 1 allowed are unavailable",
      covered,
    ]);
    expect(messages({ pods: [updated, old, old], strategy: { partition: 2 } })).toContain(
      "Progressing: 1 of 3 pods are updated, 1 of them are ready; 2 pods held back",
    );
    expect(messages({ pods: [failing, old, old] })).toContain(
      "Stalled: the budget of 1 is held by 1 pod that will not get ready: default/web-0 (ImagePullBackOff); 2 pods wait",
    );
    expect(messages({ pods: [old], strategy: { maxUnavailable: 0 } })).toContain(
      "Stalled: maxUnavailable is 0: 1 pod waits, and no ready pod can be updated",
    );
  });
});

describe("counters", () => {
  it("tell held, stuck, drifted and selected pods apart", () => {
    const pods: PodTraits[] = [
      { ...updated, image: "logtail:hand-made" },
      { ...failing, name: "web-failing" },
      { ...unchangeable, labels: { canary: "true" } },
      { ...old, labels: { canary: "true" } },
      { ...old, labels: { canary: "true" } },
      old,
      { annotations: NOT_INJECTED },
      { phase: "Succeeded" },
    ];
    const strategy = { selector: { matchLabels: { canary: "true" } }, partition: 1, maxUnavailable: 1 };
    const status = statusOf({ pods, strategy });
    expect(status).toMatchObject({
      selectedPods: 7,
      matchedPods: 6,
      updatedPods: 2,
      driftedPods: 1,
      heldPods: 2,
      stuckPods: 2,
      budget: { limit: 1, used: 1 },
    });
    expect(status.waiting).toEqual([
      { code: "I11", count: 1, examples: ["default/web-6"] },
      { code: "U04", count: 1, examples: ["default/web-5"] },
      { code: "U05", count: 1, examples: ["default/web-4"] },
      { code: "U06", count: 1, examples: ["default/web-3"] },
      { code: "U07", count: 1, examples: ["default/web-2"] },
    ]);
    expect(status.conditions[0]!.message).toContain("edited by hand: default/web-0");
  });

  it("name three pods of each reason, and those that come next of the queue", () => {
    const { waiting } = statusOf({ pods: Array(9).fill(old), strategy: { partition: 4, maxUnavailable: 1 } });
    expect(waiting).toEqual([
      { code: "U05", count: 4, examples: ["default/web-5", "default/web-6", "default/web-7"] },
      { code: "U06", count: 4, examples: ["default/web-1", "default/web-2", "default/web-3"] },
    ]);
  });

  it("of an override that the set allows are no drift", () => {
    const containers = [{ name: "logtail", image: "logtail:2", podOverrides: ["imageTag"] }];
    const annotations = { "sidecarset.kruise.io/override.logtail.imageTag": "3" };
    const pods = [
      { ...updated, image: "logtail:3", annotations },
      { ...updated, annotations },
      { ...updated, image: "logtail:4", annotations },
    ];
    expect(statusOf({ pods, spec: { containers } })).toMatchObject({ updatedPods: 3, driftedPods: 1 });
  });
});

describe("waiting", () => {
  it("sums up the verdicts, whatever the pods are like", () => {
    const traits = fc.record<PodTraits>({
      hash: fc.constantFrom("old", "older", "new"),
      hashWithoutImage: fc.constantFrom("same", "same", "other"),
      ready: fc.boolean(),
      phase: fc.constantFrom("Running", "Running", "Pending", "Failed"),
      labels: fc.constantFrom<Record<string, string>[]>({}, { canary: "true" }),
      annotations: fc.constantFrom<Record<string, string>[]>({}, {}, NOT_INJECTED),
      sidecar: fc.constantFrom({}, {}, { name: "lost" }),
      status: fc.constantFrom({}, PULL, { image: "logtail:0", ready: true }),
    });
    const strategy = fc.record({
      type: fc.constantFrom("RollingUpdate", "RollingUpdate", "NotUpdate"),
      paused: fc.constantFrom(false, false, true),
      partition: fc.constantFrom(0, 2, "50%"),
      maxUnavailable: fc.constantFrom(0, 1, 3),
      selector: fc.constantFrom(undefined, { matchLabels: { canary: "true" } }),
    });
    const stop = fc.constantFrom(undefined, undefined, { reason: "", since: undefined });
    fc.assert(
      fc.property(
        fc.array(traits, { maxLength: 20 }),
        strategy,
        stop,
        fc.nat(20),
        (fleet, updateStrategy, stopped, refused) => {
          const set = setOf({ pods: [], strategy: updateStrategy });
          const pods = fleet.map((one, index) => aPod({ ...one, name: `web-${index}` }));
          const book = openBook({ set, pods, namespaces: new Map([["default", {}]]) });
          book.stopUpdates(stopped);
          book.defer({ namespace: "default", name: `web-${refused}` }, NOW + 30_000, "no");
          const revisions = [revisionOf(set, { revision: 1, collisionCount: 0 })];
          const { waiting } = book.plan({ revisions, collisionCount: 0, now: NOW }).status!;
          const sums = new Map<string, number>();
          for (const [key, verdict] of book.verdicts(NOW)) {
            const active = pods.some((pod) => podKey(pod) === key && pod.phase !== "Failed");
            const code = "because" in verdict && active ? REASON_CODES[verdict.because] : undefined;
            if (code && code !== "U01" && code !== "U17") sums.set(code, (sums.get(code) ?? 0) + 1);
          }
          const told = waiting.filter(({ code }) => code.startsWith("U")).map(({ code, count }) => [code, count]);
          expect(told).toEqual([...sums].sort(([one], [other]) => (one < other ? -1 : 1)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the coverage", () => {
  const metadata = { creationTimestamp: "2026-06-05T00:00:00Z" };
  const afterwards = "2026-06-06T00:00:00Z";
  it.each<[string, string, Fleet]>([
    ["I04", "pods older than the set", { pods: [{ annotations: NOT_INJECTED, createdAt: "2026-06-04T00:00:00Z" }] }],
    [
      "I06",
      "pods created while the webhook was most likely away",
      {
        pods: [{ annotations: NOT_INJECTED, createdAt: afterwards }],
        spec: { containers: [{ name: "other", image: "other:1" }] },
      },
    ],
    [
      "I11",
      "pods that have a container of that name themselves",
      { pods: [{ annotations: NOT_INJECTED, createdAt: afterwards }] },
    ],
    [
      "I03",
      "pods while injection is paused",
      { pods: [{ annotations: NOT_INJECTED, createdAt: afterwards }], spec: { injectionStrategy: { paused: true } } },
    ],
    ["I10", "pods that lost a container", { pods: [{}], spec: { containers: [{ name: "other", image: "other:1" }] } }],
  ])("%s: names %s", (code, _name, fleet) => {
    const status = statusOf({ ...fleet, metadata });
    expect(status.waiting).toContainEqual({ code, count: 1, examples: ["default/web-0"] });
    const coverage = status.conditions.find(({ type }) => type === "CoverageComplete");
    expect(coverage).toMatchObject({ status: "False", reason: "NotInjected" });
    expect(coverage!.message).toBe(`1 of 1 selected pods have no sidecars: default/web-0 (${code})`);
  });

  it.each<[string, PodTraits]>([
    ["I05", { namespace: "excluded", annotations: NOT_INJECTED }],
    ["I07", { annotations: { "kruise.io/sidecarset-injected-list": "other,the-canary" } }],
    ["I12", { labels: { "sidecarset.kruise.io/inject": "false" }, annotations: NOT_INJECTED }],
    ["I09", { annotations: { ...NOT_INJECTED, "kubernetes.io/config.mirror": "x" } }],
  ])("%s: pods that are without on purpose are counted and leave no gap", (code, traits) => {
    const status = statusOf({ pods: [traits, updated], metadata });
    expect(status.waiting).toEqual([{ code, count: 1, examples: [expect.stringMatching(/\/web-0$/)] }]);
    expect(told(status)).toMatchObject({ CoverageComplete: "True AllInjected" });
    expect(status.selectedPods).toBe(2);
  });

  it("of a set that pods must not refuse has a gap where they do", () => {
    const pod = { labels: { "sidecarset.kruise.io/inject": "false" }, annotations: NOT_INJECTED };
    const status = statusOf({ pods: [pod], spec: { injectionStrategy: { optOut: "Deny" } } });
    expect(told(status)).toMatchObject({ CoverageComplete: "False NotInjected" });
  });
});

describe("failing", () => {
  it.each(["ImagePullBackOff", "ErrImagePull", "CrashLoopBackOff", "CreateContainerConfigError", "InvalidImageName"])(
    "is an updated pod whose sidecar waits because of %s",
    (reason) => {
      const status = statusOf({ pods: [{ ...restarting, status: { state: { waiting: { reason } } } }, old] });
      expect(status.stuckPods).toBe(1);
      expect(status.conditions[0]!.message).toContain(`default/web-0 (${reason})`);
    },
  );

  it("begins when the deadline has passed, and the book asks to be looked at then", () => {
    const set = setOf({ pods: [], strategy: { progressDeadlineSeconds: 90, maxUnavailable: 2 } });
    const book = openBook({ set, pods: [aPod(restarting)], namespaces: new Map([["default", {}]]) });
    const input = { revisions: [revisionOf(set, { revision: 1, collisionCount: 0 })], collisionCount: 0 };
    const early = book.plan({ ...input, now: NOW });
    expect(early.status!.stuckPods).toBe(0);
    expect(early.wakeAfterMs).toBe(30_000);
    const late = book.plan({ ...input, now: NOW + 30_000 });
    expect(late.status).toMatchObject({
      stuckPods: 1,
      rollout: { phase: "Blocked", reason: "ProgressDeadlineExceeded" },
    });
    book.put(aPod({ ...updated, annotations: UPDATED_JUST_NOW }));
    expect(book.plan({ ...input, now: NOW + 40_000 }).status).toMatchObject({
      stuckPods: 0,
      rollout: { phase: "Complete" },
    });
  });

  it("is not a pod that has no need to be updated by us", () => {
    expect(statusOf({ pods: [{ ready: false, status: PULL }], strategy: { paused: true } }).stuckPods).toBe(0);
  });
});

describe("a wave", () => {
  const target = { pods: [old, old, old, restarting], strategy: { maxUnavailable: 2 } };
  it("is as many pods as the budget lets go at once; the next one begins with the pod after", () => {
    const first = statusOf({ ...target, upgraded: 1 });
    expect(first.rollout).toMatchObject({ wave: 1, started: 1 });
    const full = statusOf({ ...target, before: first, upgraded: 1 });
    expect(full.rollout).toMatchObject({ wave: 1, started: 2 });
    expect(statusOf({ ...target, before: full }).rollout).toMatchObject({ wave: 1, started: 2 });
    expect(statusOf({ ...target, before: full, upgraded: 1 }).rollout).toMatchObject({ wave: 2, started: 1 });
  });

  it("is over when nothing restarts any more, and the count goes on when the partition is lowered", () => {
    const first = statusOf({ ...target, upgraded: 1 });
    const held = statusOf({ pods: [updated, old], strategy: { partition: 1, maxUnavailable: 2 }, before: first });
    expect(held.rollout).toMatchObject({ wave: 1, started: 0, phase: "Held" });
    expect(statusOf({ ...target, before: held, upgraded: 1 }).rollout).toMatchObject({ wave: 2, started: 1 });
  });

  it("counts from nothing for another revision", () => {
    const first = statusOf({ ...target, upgraded: 1 });
    const spec = { containers: [{ name: "logtail", image: "logtail:3" }] };
    expect(statusOf({ ...target, spec, before: first }).rollout).toMatchObject({ wave: 0, started: 0 });
  });
});

describe("times", () => {
  it("move with what they are about, and not with the clock", () => {
    const fleet = { pods: [old, old], strategy: { maxUnavailable: 1 } };
    const before = statusOf(fleet);
    expect(statusOf({ ...fleet, before, now: NOW + 60_000 })).toEqual(before);
    const done = statusOf({ pods: [updated, updated], before, now: NOW + 60_000 });
    const times = Object.fromEntries(done.conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
    expect(times).toEqual({
      Ready: "2026-06-10T00:01:00Z",
      Progressing: "2026-06-10T00:01:00Z",
      CoverageComplete: "2026-06-10T00:00:00Z",
    });
    expect(done.rollout.since).toBe("2026-06-10T00:01:00Z");
  });

  it("of an equal status lead to no write once it is stored", () => {
    for (const pods of [[], [old, failing], [updated], [{ annotations: NOT_INJECTED }, unchangeable]]) {
      const before = statusOf({ pods });
      expect(needsWriting(setOf({ pods, before }).status, before)).toBe(false);
      expect(needsWriting(setOf({ pods }).status, before)).toBe(true);
    }
  });

  it("do not matter where somebody else stored nonsense", () => {
    const before = { rollout: "?", history: [3, {}], matchedPods: 1, updatedPods: 1, readyPods: 1 };
    expect(statusOf({ pods: [updated], before })).toMatchObject({ rollout: { phase: "Complete", wave: 0 } });
  });
});

describe("the history", () => {
  const at = (image: string) => ({ containers: [{ name: "logtail", image }] });
  const revisionFor = (image: string) =>
    revisionOf(setOf({ pods: [], spec: at(image) }), { revision: 1, collisionCount: 0 });
  const step = (image: string, before: unknown, fleet: Partial<Fleet> = {}) =>
    statusOf({ pods: [old], spec: at(image), before, revisions: ["a:1", "a:2", "a:3"].map(revisionFor), ...fleet });

  it("tells what changed, when, by whom and how it ended", () => {
    const first = step("a:1", undefined, { pods: [updated] });
    expect(first.history).toEqual([
      {
        revision: revisionFor("a:1").metadata.name,
        change: "logtail: a:1",
        startedAt: "2026-06-10T00:00:00Z",
        finishedAt: "2026-06-10T00:00:00Z",
        result: "Promoted",
      },
    ]);
    const metadata = {
      annotations: {
        "kubernetes.io/change-cause": "CVE-1",
        "kruise.io/sidecarset-hash": "new",
        "kruise.io/sidecarset-hash-without-image": "same",
      },
      managedFields: [
        { manager: "kubectl-edit", time: "2026-06-09T00:00:00Z", fieldsV1: { "f:spec": {} } },
        { manager: "argocd", time: "2026-06-01T00:00:00Z", fieldsV1: { "f:spec": {} } },
        { manager: "sidecarset", time: "2026-06-09T01:00:00Z", subresource: "status", fieldsV1: { "f:status": {} } },
      ],
    };
    const second = step("a:2", first, { metadata, now: NOW + 1000 });
    expect(second.history[0]).toEqual({
      revision: revisionFor("a:2").metadata.name,
      change: "logtail: 1 -> 2",
      startedAt: "2026-06-10T00:00:01Z",
      result: "Progressing",
      by: "kubectl-edit",
      cause: "CVE-1",
    });
    const third = step("a:3", second, { now: NOW + 2000 });
    expect(third.history.map(({ result }) => result)).toEqual(["Progressing", "Superseded", "Promoted"]);
    const back = step("a:1", third, { now: NOW + 3000 });
    expect(back.history.map(({ result }) => result)).toEqual(["Progressing", "RolledBack", "Superseded", "Promoted"]);
    expect(back.history[0]!.change).toBe("logtail: 3 -> 1");
    expect(back.history[1]!.finishedAt).toBe("2026-06-10T00:00:03Z");
    const promoted = step("a:1", back, { pods: [updated], now: NOW + 4000 });
    expect(promoted.history[0]).toMatchObject({ result: "Promoted", finishedAt: "2026-06-10T00:00:04Z" });
  });

  it("keeps ten", () => {
    let status = step("a:1", undefined);
    for (let round = 2; round < 15; round++) status = step(`a:${round}`, status);
    expect(status.history).toHaveLength(10);
  });
});

describe("news", () => {
  const reasons = (fleet: Fleet) => newsOf(fleet).map(({ reason }) => reason);
  it("come with what is different", () => {
    const strategy = { maxUnavailable: 1, partition: 1 };
    const idle = statusOf({ pods: [old, old], strategy });
    const start = { pods: [restarting, old], strategy, before: idle, upgraded: 1 };
    expect(newsOf(start)).toMatchObject([{ type: "Normal", reason: "WaveStarted" }]);
    const started = statusOf(start);
    const finish = { pods: [updated, old], strategy, before: started };
    expect(reasons(finish)).toEqual(["WaveDone"]);
    const done = statusOf(finish);
    const failed = { pods: [failing, old], strategy, before: started };
    expect(newsOf(failed).find(({ reason }) => reason === "Blocked")).toMatchObject({
      type: "Warning",
      message: expect.stringContaining("default/web-0 (ImagePullBackOff)"),
    });
    expect(reasons({ ...failed, before: statusOf(failed) })).toEqual([]);
    const pause = { pods: [updated, old], strategy: { ...strategy, paused: true }, before: done };
    expect(reasons(pause)).toEqual(["Paused"]);
    expect(reasons({ ...finish, before: statusOf(pause) })).toEqual(["Resumed"]);
    const last = statusOf({ pods: [updated, restarting], before: done, upgraded: 1 });
    expect(reasons({ pods: [updated, updated], before: last })).toEqual(["RolloutComplete"]);
  });

  it("name pods that cannot be upgraded, are not covered, or were edited by hand", () => {
    const before = statusOf({ pods: [updated, updated, updated] });
    const pods = [unchangeable, { annotations: NOT_INJECTED }, { ...updated, image: "mine:1" }];
    const told = newsOf({ pods, before }).map(({ reason, message }) => `${reason}: ${message}`);
    expect(told).toContain("NotUpgradablePods: cannot be updated in place: 1 pod, default/web-0 (U07)");
    expect(told).toContain("CoverageGap: selected, and without sidecars: 1 pod, default/web-1 (I11)");
    expect(told).toContain("SidecarDrift: a sidecar's image was edited by hand: 1 pod, default/web-2");
  });
});
