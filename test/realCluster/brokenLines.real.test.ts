import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lease } from "../../src/cluster/lease.ts";
import { LEASES } from "../../src/cluster/resource.ts";
import type { RunningManager } from "../program/managedCluster.ts";
import { ensureBinaries } from "./binaries.ts";
import { type ControlPlane, startControlPlane } from "./controlPlane.ts";
import { CutLine } from "./cutLine.ts";
import { Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";

const PODS = 60;
const LIMIT = 5;
const KEPT = 10;
const [V1, V2] = ["logtail:1", "logtail:2"] as const;
const PATIENCE_MS = 180_000;
/** Of a Lease of 3 s: the leader gives up this long after it sent the last renewal that was answered. */
const RENEW_DEADLINE_MS = 2_000;
/** For the event loop of a process on a busy machine. */
const SLACK_MS = 1_000;

let controlPlane: ControlPlane;
let rollout: ObservedRollout;
let managers: Managers;
let folder: string;
/** By which each manager reaches the API server. */
const lines = new Map<RunningManager, CutLine>();

beforeAll(async () => {
  controlPlane = await startControlPlane(await ensureBinaries());
  const { kubeconfig } = controlPlane;
  folder = mkdtempSync(join(tmpdir(), "broken-lines-"));
  const updateStrategy = { maxUnavailable: LIMIT, partition: KEPT };
  rollout = await ObservedRollout.prepare({ name: "broken-lines", pods: PODS, image: V1, updateStrategy, kubeconfig });
  managers = new Managers(rollout.systemNamespace);
  for (const name of ["a", "b"]) {
    const line = await CutLine.to(new URL(controlPlane.server));
    lines.set(await managers.start(await line.kubeconfig(kubeconfig, join(folder, name))), line);
  }
  await rollout.begin();
}, PATIENCE_MS);

afterAll(async () => {
  await managers.close();
  await rollout.close();
  for (const line of lines.values()) await line.close();
  await controlPlane.stop();
  rmSync(folder, { recursive: true, force: true });
}, PATIENCE_MS);

describe("a rollout by two managers", { timeout: PATIENCE_MS }, () => {
  it("goes on by the other when nothing comes through between the leader and the API server; healed, the leader follows", async () => {
    const { observer } = rollout;
    observer.expect({ maxUnavailable: LIMIT, kept: KEPT, samePods: true });
    await rollout.setImage(V2);
    await rollout.until(() => observer.withImage(V2).length >= 15);
    const far = managers.leader;
    const line = lines.get(far)!;
    const before = await holder();
    const cutAt = Date.now();
    line.cut();
    await rollout.until(async () => (await holder()) !== before);
    const written = observer.imageWrites;
    await rollout.until(() => observer.imageWrites > written);
    const tookMs = Date.now() - cutAt;
    const gaveUp = () => far.log().find((one) => one.message === "the lease is lost" && Date.parse(one.time) >= cutAt);
    await rollout.until(() => gaveUp() !== undefined);
    const lost = gaveUp()!;
    line.heal();
    const healedAt = Date.now();
    await rollout.until(() => far.log().some((one) => one.message === "following" && Date.parse(one.time) >= healedAt));
    await rollout.updated(V2, PODS - KEPT);
    console.log(
      `line cut at ${written} pods: the leader gave up after ${(Date.parse(lost.time) - cutAt) / 1000} s, the other wrote the next pod after ${tookMs / 1000} s`,
    );
    held(PODS - KEPT);
    expect(Date.parse(lost.time) - cutAt).toBeLessThanOrEqual(RENEW_DEADLINE_MS + SLACK_MS);
    expect(podsWrittenBy(far, Date.parse(lost.time))).toEqual([]);
    expect(tookMs).toBeLessThanOrEqual(managers.leaseSeconds * 1000 + 2_000);
  });
});

/** Pods that it says it upgraded after that moment. */
function podsWrittenBy(manager: RunningManager, moment: number): readonly unknown[] {
  return manager
    .log()
    .filter(({ message, time }) => message === "upgraded the pod in place" && Date.parse(time) > moment);
}

function held(writes: number): void {
  const { observer } = rollout;
  expect(observer.violations).toEqual([]);
  expect(observer.imageWrites).toBe(writes);
  expect(observer.mostUnavailable).toBeLessThanOrEqual(LIMIT);
}

async function holder(): Promise<string | undefined> {
  const name = { namespace: rollout.systemNamespace, name: "sidecarset-manager" };
  return (await rollout.cluster.get<Lease>(LEASES, name)).spec?.holderIdentity;
}
