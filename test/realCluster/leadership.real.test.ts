import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lease } from "../../src/cluster/lease.ts";
import { LEASES } from "../../src/cluster/resource.ts";
import type { RunningManager } from "../program/managedCluster.ts";
import { leadsSince, Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";

const PODS = 120;
const LIMIT = 10;
const KEPT = 20;
const [V1, V2, V3, V4] = ["logtail:1", "logtail:2", "logtail:3", "logtail:4"] as const;
const PATIENCE_MS = 180_000;

let rollout: ObservedRollout;
let managers: Managers;

beforeAll(async () => {
  const updateStrategy = { maxUnavailable: LIMIT, partition: KEPT };
  rollout = await ObservedRollout.prepare({ name: "leadership", pods: PODS, image: V1, updateStrategy });
  managers = new Managers(rollout.systemNamespace);
  await managers.start();
  await managers.start();
  await rollout.begin();
}, PATIENCE_MS);

afterAll(async () => {
  await managers.close();
  await rollout.close();
}, PATIENCE_MS);

describe("two managers and a rollout of 120 pods", { timeout: PATIENCE_MS }, () => {
  it("go on within the lease and 2 s when the leader is killed half way; budget and partition hold", async () => {
    rollout.observer.expect({ maxUnavailable: LIMIT, kept: KEPT, samePods: true });
    await rollout.setImage(V2);
    await rollout.until(() => rollout.observer.withImage(V2).length >= 30);
    const killedAt = await managers.killLeader();
    const reached = rollout.observer.withImage(V2).length;
    const tookMs = leadsSince(await heirSince(killedAt)) - killedAt;
    await rollout.updated(V2, PODS - KEPT);
    console.log(`killed at ${reached} of ${PODS - KEPT}, the other led ${tookMs} ms later`);
    expect(reached).toBeLessThan(PODS - KEPT);
    expect(tookMs).toBeLessThanOrEqual(managers.leaseSeconds * 1000 + 2_000);
    held(PODS - KEPT);
  });

  it("hand over within 2 s when the leader is told to end half way", async () => {
    await managers.start();
    rollout.observer.expect({ maxUnavailable: LIMIT, samePods: true });
    await rollout.setImage(V3, { partition: 0 });
    await rollout.until(() => rollout.observer.withImage(V3).length >= 30);
    const { leader } = managers;
    const toldAt = Date.now();
    leader.process.kill("SIGTERM");
    const tookMs = leadsSince(await heirSince(toldAt)) - toldAt;
    expect(await leader.ended).toMatchObject({ code: 0 });
    await rollout.updated(V3, PODS);
    console.log(`told to end, the other led ${tookMs} ms later`);
    expect(tookMs).toBeLessThanOrEqual(2_000);
    held(PODS);
    expect(trouble(leader)).toEqual([]);
  });

  it("never lead both when the leader's process stands still for longer than its lease: it wakes up as a follower", async () => {
    await managers.start();
    rollout.observer.expect({ maxUnavailable: LIMIT, samePods: true });
    await rollout.setImage(V4);
    await rollout.until(() => rollout.observer.withImage(V4).length >= 30);
    const { leader } = managers;
    const stoppedAt = Date.now();
    leader.process.kill("SIGSTOP");
    const heir = await heirSince(stoppedAt);
    const { leaseTransitions } = await lease();
    leader.process.kill("SIGCONT");
    await leader.said('"message":"the lease is lost"');
    await rollout.until(() =>
      leader.log().some(({ message, holder }) => message === "following" && holder === identity(heir)),
    );
    await rollout.updated(V4, PODS);
    held(PODS);
    expect(leader.log().filter(({ message }) => message === "the rollout cannot go on")).toEqual([]);
    expect(leadsSince(heir)).toBeGreaterThan(stoppedAt);
    expect(leaseTransitions).toBeGreaterThan(0);
  });
});

async function heirSince(moment: number): Promise<RunningManager> {
  await rollout.until(() => managers.heirSince(moment) !== undefined);
  return managers.heirSince(moment)!;
}

/** What the observer saw since the change: each pod written once, and never more at once than allowed. */
function held(writes: number): void {
  const { observer } = rollout;
  expect(observer.violations).toEqual([]);
  expect(observer.imageWrites).toBe(writes);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(LIMIT);
}

/** A machine under load may be slow to answer for the Lease; the rollout itself meets no trouble. */
function trouble(manager: RunningManager) {
  return manager.log().filter(({ level, message }) => level === "error" || message.startsWith("the rollout"));
}

function identity(manager: RunningManager): unknown {
  return manager.log().findLast(({ message }) => message === "leading")?.identity;
}

async function lease() {
  const name = { namespace: rollout.systemNamespace, name: "sidecarset-manager" };
  return (await rollout.cluster.get<Lease>(LEASES, name)).spec!;
}
