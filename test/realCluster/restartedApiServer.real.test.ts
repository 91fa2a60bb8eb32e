import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBinaries } from "./binaries.ts";
import { type ControlPlane, startControlPlane } from "./controlPlane.ts";
import { Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";

const PODS = 60;
const LIMIT = 5;
const RESTARTS = 3;
/** Between two restarts. */
const PODS_A_SPELL = PODS / (RESTARTS + 1);
const PATIENCE_MS = 240_000;

let controlPlane: ControlPlane;
let rollout: ObservedRollout;
let managers: Managers;

beforeAll(async () => {
  controlPlane = await startControlPlane(await ensureBinaries());
  const { kubeconfig } = controlPlane;
  const updateStrategy = { maxUnavailable: LIMIT };
  const name = "restarted-api-server";
  rollout = await ObservedRollout.prepare({ name, pods: PODS, image: "logtail:1", updateStrategy, kubeconfig });
  await startManagers(3);
  await rollout.begin();
}, PATIENCE_MS);

afterAll(async () => {
  await managers.close();
  await rollout.close();
  await controlPlane.stop();
}, PATIENCE_MS);

describe(`a rollout in which the API server is killed ${RESTARTS} times`, { timeout: PATIENCE_MS }, () => {
  it.each([
    { lease: "lost", leaseSeconds: 3, image: "logtail:2" },
    { lease: "kept", leaseSeconds: 60, image: "logtail:3" },
  ])("waits and goes on by itself, each pod written once and never too many at once; lease $lease", async (one) => {
    const { lease, leaseSeconds, image } = one;
    if (lease === "kept") {
      await managers.close();
      await startManagers(leaseSeconds);
    }
    const { observer } = rollout;
    observer.expect({ maxUnavailable: LIMIT, samePods: true });
    const begunAt = Date.now();
    await rollout.setImage(image);
    for (let restart = 1; restart <= RESTARTS; restart++) {
      await rollout.until(() => observer.withImage(image).length >= restart * PODS_A_SPELL);
      const [killedAt, written] = [Date.now(), observer.imageWrites];
      await controlPlane.killApiServer();
      if (lease === "lost") await rollout.until(() => managers.running.every((manager) => !managers.leads(manager)));
      await controlPlane.startApiServer();
      const backAt = Date.now();
      await rollout.until(() => observer.imageWrites > written || observer.withImage(image).length === PODS);
      const [awayS, nextS] = [backAt - killedAt, Date.now() - backAt].map((ms) => ms / 1000);
      console.log(
        `API server killed with ${written} of ${PODS} pods written, away for ${awayS} s; the next was seen ${nextS} s later`,
      );
    }
    await rollout.updated(image, PODS);
    expect(managers.running).toHaveLength(2);
    if (lease === "lost") await rollout.until(() => managers.termsSince(begunAt) >= RESTARTS);
    else expect(managers.termsSince(begunAt)).toBe(0);
    expect(observer.violations).toEqual([]);
    expect(observer.imageWrites).toBe(PODS);
    expect(observer.mostUnavailable).toBeLessThanOrEqual(LIMIT);
  });
});

async function startManagers(leaseSeconds: number): Promise<void> {
  managers = new Managers(rollout.systemNamespace, leaseSeconds);
  await managers.start(controlPlane.kubeconfig);
  await managers.start(controlPlane.kubeconfig);
}
