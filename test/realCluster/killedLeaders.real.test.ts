import { afterAll, beforeAll, expect, it } from "vitest";
import { Lateness } from "./lateness.ts";
import { leadsSince, Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";

const KILLS = 10;
const PODS = 120;
const LIMIT = 5;
const KEPT = 10;
const NEW = "logtail:2";
/** So many pods more are let go with each kill, for the rollout must not have ended before the last one. */
const SHARE = (PODS - KEPT) / (KILLS + 1);
const WRITTEN_OF_SHARE = 3;
const TAKEOVER_MS = 2_000;
const PATIENCE_MS = 300_000;

let rollout: ObservedRollout;
let managers: Managers;
const lateness = new Lateness();

beforeAll(async () => {
  const updateStrategy = { maxUnavailable: LIMIT, partition: KEPT };
  rollout = await ObservedRollout.prepare({ name: "killed-leaders", pods: PODS, image: "logtail:1", updateStrategy });
  managers = new Managers(rollout.systemNamespace);
  await Promise.all([managers.start(), managers.start()]);
  await rollout.begin();
}, PATIENCE_MS);

afterAll(async () => {
  lateness.stop();
  await managers.close();
  await rollout.close();
}, PATIENCE_MS);

it(`${KILLS} leaders are killed in one rollout: each pod is written once, rule and partition hold, and each time another goes on within the lease and 2 s`, {
  timeout: PATIENCE_MS,
}, async () => {
  const { observer } = rollout;
  observer.expect({ maxUnavailable: LIMIT, kept: KEPT, samePods: true });
  await rollout.setImage(NEW, { partition: PODS - SHARE });
  const tooLate: string[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    await rollout.until(() => observer.withImage(NEW).length >= (kill - 1) * SHARE + WRITTEN_OF_SHARE);
    const lateBefore = lateness.totalMs;
    await rollout.until(() => letGo((kill + 1) * SHARE));
    // On a busy machine a leader may have lost its lease.
    await rollout.until(() => managers.running.filter((manager) => managers.leads(manager)).length === 1);
    const killedAt = await managers.killLeader();
    const written = observer.imageWrites;
    const replaced = managers.start();
    await rollout.until(() => managers.heirSince(killedAt) !== undefined);
    const ledMs = leadsSince(managers.heirSince(killedAt)!) - killedAt;
    await rollout.until(() => observer.imageWrites > written);
    const lateMs = lateness.totalMs - lateBefore;
    const line = `${time(killedAt)} leader ${kill} killed with ${written} of ${PODS - KEPT} pods written; another led ${seconds(ledMs)} later, the next pod was written after ${seconds(Date.now() - killedAt)}`;
    console.log(lateMs < 200 ? line : `${line} (the machine was late by ${seconds(lateMs)})`);
    if (ledMs > managers.leaseSeconds * 1000 + TAKEOVER_MS + lateMs) tooLate.push(line);
    await replaced;
  }
  await rollout.updated(NEW, PODS - KEPT);
  console.log(
    `${time(Date.now())} ${observer.imageWrites} pods written, never more than ${observer.mostUnavailable} of ${LIMIT} unavailable`,
  );
  expect(observer.violations).toEqual([]);
  expect(observer.imageWrites).toBe(PODS - KEPT);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(LIMIT);
  expect(tooLate).toEqual([]);
});

/** @returns whether it could be said: the webhook that is registered may be that of a leader who is dead */
function letGo(pods: number): Promise<boolean> {
  return rollout.setImage(NEW, { partition: PODS - pods }).then(
    () => true,
    () => false,
  );
}

function time(moment: number): string {
  return new Date(moment).toISOString().slice(11, 23);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
