import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SidecarSetStatus } from "../sidecarSet/sidecarSetStatus.ts";
import type { RolloutStatus } from "./status.ts";
import { isPressing, paceAfter, type StatusPace, statusDueAt } from "./statusPace.ts";

interface News {
  /** Milliseconds since the news before. */
  readonly afterMs: number;
  readonly pressing: boolean;
}

interface Written {
  readonly at: number;
  /** Since when the oldest of what it tells has been so. */
  readonly since: number;
  readonly pressing: boolean;
}

/** Writes each status as soon as the pace lets it. */
function played(news: readonly News[]): readonly Written[] {
  const written: Written[] = [];
  let pace: StatusPace | undefined;
  let waiting: { readonly since: number; readonly pressing: boolean } | undefined;
  let now = 0;
  const writeUntil = (end: number): void => {
    if (!waiting) return;
    const at = Math.max(statusDueAt(pace, waiting.pressing), now);
    if (at > end) return;
    written.push({ at, ...waiting });
    pace = paceAfter(pace, at);
    waiting = undefined;
  };
  for (const { afterMs, pressing } of news) {
    writeUntil(now + afterMs);
    now += afterMs;
    waiting = { since: waiting?.since ?? now, pressing: pressing || (waiting?.pressing ?? false) };
    writeUntil(now);
  }
  writeUntil(Number.POSITIVE_INFINITY);
  return written;
}

describe("how often the status is written", () => {
  it("while numbers move for a minute: soon at first, then every five seconds", () => {
    const writes = played(Array.from({ length: 6_000 }, () => ({ afterMs: 10, pressing: false })));
    expect(writes.slice(0, 7).map(({ at }) => at - writes[0]!.at)).toEqual([0, 250, 750, 1750, 3750, 7750, 12750]);
    expect(writes.length).toBeLessThanOrEqual(6 + 60 / 5);
  });

  it("after a rest the next numbers are told at once", () => {
    const busy = Array.from({ length: 1_000 }, () => ({ afterMs: 10, pressing: false }));
    const { at, since } = played([...busy, { afterMs: 60_000, pressing: false }]).at(-1)!;
    expect(at).toBe(since);
  });

  it("whatever happens: never twice within 250 ms, numbers within 5 s, and what presses within 250 ms", () => {
    const news = fc.record({ afterMs: fc.integer({ min: 0, max: 8_000 }), pressing: fc.boolean() });
    fc.assert(
      fc.property(fc.array(news, { maxLength: 200 }), (all) => {
        const writes = played(all);
        for (const [index, { at, since }] of writes.entries()) {
          expect(at - (writes[index - 1]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(250);
          expect(at - since).toBeLessThanOrEqual(5_000);
        }
        const pressing = played(all.map((one) => ({ ...one, pressing: true })));
        for (const { at, since } of pressing) expect(at - since).toBeLessThanOrEqual(250);
      }),
    );
  });
});

describe("what presses", () => {
  const stored = {
    observedGeneration: 3,
    latestRevision: "r3",
    matchedPods: 100,
    updatedPods: 10,
    budget: { limit: 5, used: 5 },
    rollout: { phase: "Progressing", reason: "WaveInProgress", since: "", wave: 2, started: 3, targetRevision: "r3" },
    waiting: [],
    conditions: [{ type: "Ready", status: "False", reason: "RollingOut", message: "10 of 100" }],
    history: [{ revision: "r3", result: "Progressing" }],
  };
  const rollout = (changed: object) => ({ rollout: { ...stored.rollout, ...changed } });
  const condition = (changed: object) => ({ conditions: [{ ...stored.conditions[0], ...changed }] });

  it.each<[string, object, boolean]>([
    ["nothing", {}, false],
    ["counters", { updatedPods: 11, ...rollout({ started: 4 }) }, false],
    ["who waits", { waiting: [{ code: "U06", count: 1, examples: [] }] }, false],
    ["the message of a condition", condition({ message: "11 of 100" }), false],
    ["a small wave", rollout({ wave: 3 }), false],
    ["a wave of a tenth of the pods", { ...rollout({ wave: 3 }), budget: { limit: 10, used: 0 } }, true],
    ["a new generation", { observedGeneration: 4 }, true],
    ["a new revision", { latestRevision: "r4" }, true],
    ["the phase", rollout({ phase: "Held" }), true],
    ["the reason", rollout({ reason: "WaitingForBudget" }), true],
    ["the status of a condition", condition({ status: "True" }), true],
    ["the reason of a condition", condition({ reason: "Blocked" }), true],
    [
      "a condition more",
      { conditions: [...stored.conditions, { type: "Stalled", status: "True", reason: "X" }] },
      true,
    ],
    ["the end of a rollout", { history: [{ revision: "r3", result: "Promoted" }] }, true],
  ])("%s: %#", (_what, changed, expected) => {
    const next = { ...stored, ...changed } as unknown as RolloutStatus;
    expect(isPressing(stored as unknown as SidecarSetStatus, next)).toBe(expected);
  });

  it("the first status of a set", () => {
    expect(isPressing({} as SidecarSetStatus, stored as unknown as RolloutStatus)).toBe(true);
  });
});
