import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { evennessOf } from "./evenness.ts";
import { outcomeOf } from "./outcome.ts";
import { type Playback, playForward, type Restart } from "./playForward.ts";
import { wavesOf } from "./waves.ts";

const START = Date.parse("2026-07-01T00:00:00Z");
const AFTER_10_S: Restart = () => ({ afterMs: 10_000, comesUp: true });

function played(
  strategy: Record<string, unknown>,
  pods: number | readonly PodTraits[],
  restart: Restart = AFTER_10_S,
): Playback {
  const traits = typeof pods === "number" ? Array.from({ length: pods }, () => ({})) : pods;
  return playForward({
    set: aSidecarSet({ updateStrategy: strategy }),
    pods: traits.map((each, index) => aPod({ name: `web-${String(index).padStart(3, "0")}`, ...each })),
    namespaces: new Map([["default", {}]]),
    revisions: [],
    start: START,
    restart,
  });
}

function codes({ verdicts }: Playback): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of verdicts.values()) {
    const name = verdict.kind === "upgrade" ? "upgrade" : verdict.because;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe("a rollout played forward", () => {
  it("goes in waves of maxUnavailable pods until all are updated and ready", () => {
    const playback = played({ maxUnavailable: 4 }, 10);
    expect(wavesOf(playback).map(({ number, pods, inFlight }) => [number, pods.length, inFlight])).toEqual([
      [1, 4, 4],
      [2, 4, 4],
      [3, 2, 2],
    ]);
    expect(playback).toMatchObject({
      durationMs: 30_000,
      after: { matched: 10, updated: 10, ready: 10, updatedReady: 10 },
      unavailable: { before: 0, most: 4, mostUpdated: 4, limit: 4 },
      requests: { upgrades: 10, flips: 0, marks: 0, revisions: 1 },
    });
    expect(outcomeOf(playback)).toBe("complete");
  });

  it("fills each place as soon as a pod is ready, so that one slow pod does not hold the others", () => {
    const slow: Restart = ({ name }) => ({ afterMs: name === "web-000" ? 60_000 : 10_000, comesUp: true });
    expect(played({ maxUnavailable: 2 }, 6, slow).durationMs).toBe(60_000);
  });

  it("is held where the partition keeps pods", () => {
    const playback = played({ maxUnavailable: 5, partition: "50%" }, 10);
    expect(codes(playback)).toEqual({ upToDate: 5, partition: 5 });
    expect(outcomeOf(playback)).toBe("held");
  });

  it("is blocked when as many pods as may be unavailable never come up", () => {
    const failing: Restart = ({ name }) => ({ afterMs: 10_000, comesUp: !name.endsWith("3") });
    const playback = played({ maxUnavailable: 2 }, 30, failing);
    expect(codes(playback)).toEqual({ upToDate: 14, maxUnavailable: 16 });
    expect(outcomeOf(playback)).toBe("blocked");
    expect(playback.after).toMatchObject({ updated: 14, updatedReady: 12 });
  });

  it("is degraded when all are updated but not all come up", () => {
    const failing: Restart = ({ name }) => ({ afterMs: 10_000, comesUp: name !== "web-003" });
    expect(outcomeOf(played({ maxUnavailable: 2 }, 10, failing))).toBe("degraded");
  });

  it("starts pods that are not ready for free, before all others, and mends those whose sidecar was the reason", () => {
    const broken: PodTraits = { ready: false, status: { ready: false, restartCount: 3 } };
    const playback = played({ maxUnavailable: 2 }, [{}, {}, broken, broken, broken]);
    const [free, ...waves] = wavesOf(playback);
    expect(free).toMatchObject({ number: 0, startedAt: START, endedAt: START + 10_000 });
    expect(free!.pods.map(({ pod }) => pod)).toEqual(["default/web-002", "default/web-003", "default/web-004"]);
    expect(waves.map(({ startedAt }) => startedAt - START)).toEqual([10_000]);
    expect(outcomeOf(playback)).toBe("complete");
  });

  it("does not mend a pod whose own container is not ready: that one holds budget", () => {
    const playback = played({ maxUnavailable: 1 }, [{}, {}, { ready: false, status: { ready: false } }]);
    expect(outcomeOf(playback)).toBe("complete");
    const ownFault = aPod({ name: "own", ready: false });
    const stuck = {
      ...ownFault,
      containers: ownFault.containers.map((container) =>
        container.name === "app" ? { ...container, status: { ...container.status!, ready: false } } : container,
      ),
    };
    const blocked = playForward({
      set: aSidecarSet({ updateStrategy: { maxUnavailable: 1 } }),
      pods: [aPod({ name: "good" }), stuck],
      namespaces: new Map([["default", {}]]),
      revisions: [],
      start: START,
      restart: AFTER_10_S,
    });
    expect(blocked.upgrades.map(({ pod }) => pod)).toEqual(["default/own"]);
    expect(outcomeOf(blocked)).toBe("blocked");
  });

  it("upgrades nothing, and says so, where more than the image differs", () => {
    const playback = played({}, [{ hashWithoutImage: "other" }, { hashWithoutImage: "other" }]);
    expect(codes(playback)).toEqual({ nonImageChange: 2 });
    expect(playback.requests).toMatchObject({ upgrades: 0, marks: 2 });
    expect(outcomeOf(playback)).toBe("degraded");
  });

  it("writes the status often enough to follow, and not for every pod", () => {
    const { requests } = played({ maxUnavailable: 1 }, 50, ({ name }) => ({
      afterMs: 20 + Number(name.slice(4)),
      comesUp: true,
    }));
    expect(requests.statuses).toBeGreaterThan(5);
    expect(requests.statuses).toBeLessThan(20);
  });

  it("spreads evenly over scatter groups, within one pod of each group's share", () => {
    const zones = Array.from({ length: 40 }, (_, index) => ({ labels: { zone: "abcd"[index % 4]! } }));
    const playback = played({ maxUnavailable: 4, scatterStrategy: [{ key: "zone", value: "*" }] }, zones);
    const evenness = evennessOf(playback)!;
    expect(evenness).toMatchObject({ groups: 4, ahead: { pods: 0.75 } });
    expect(evenness.mean).toBeGreaterThan(0.95);
  });

  it("gives the same playback again", () => {
    const zones = Array.from({ length: 40 }, (_, index) => ({ labels: { zone: "abcd"[index % 4]! } }));
    const strategy = { maxUnavailable: "10%", scatterStrategy: [{ key: "zone", value: "*" }] };
    expect(played(strategy, zones)).toEqual(played(strategy, zones));
  });

  it("ends where a startup probe makes readiness doubtful for a while", () => {
    const playback = played({ maxUnavailable: 1 }, [
      { sidecar: { startupProbe: { periodSeconds: 30 } } },
      { sidecar: { startupProbe: { periodSeconds: 30 } } },
    ]);
    expect(playback.durationMs).toBe(20_000);
    expect(outcomeOf(playback)).toBe("complete");
  });
});
