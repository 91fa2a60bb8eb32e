import { describe, expect, it } from "vitest";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { systemClock } from "../cluster/environment.ts";
import type { RolloutAction } from "../core/rollout/rolloutPlan.ts";
import type { RolloutStatus } from "../core/rollout/status.ts";
import type { ActionTarget } from "./applyAction.ts";
import { type Applier, applyPlan } from "./applyPlan.ts";
import { WriteWindow } from "./writeWindow.ts";

const revision = {
  apiVersion: "apps/v1",
  kind: "ControllerRevision",
  metadata: { name: "r1" },
  data: { a: 1 },
  revision: 1,
};
const record: RolloutAction = { kind: "recordRevision", revision };
const prune: RolloutAction = { kind: "pruneRevision", name: "r0", uid: "u" };
const status: RolloutAction = { kind: "writeStatus", status: {} as RolloutStatus, pressing: false, news: [] };
const upgrade = (name: string): RolloutAction => ({
  kind: "upgradePod",
  pod: { namespace: "default", name },
  changes: [],
  operations: [],
  wasReady: true,
});

/** A cluster that answers each write with what `refuse` says, or with an object that has only a name. */
function aTarget(refuse: (name: string) => ClusterError | undefined = () => undefined) {
  const calls: string[] = [];
  let open = 0;
  let mostOpen = 0;
  const write = async (verb: string, name: string) => {
    calls.push(`${verb} ${name}`);
    open++;
    mostOpen = Math.max(mostOpen, open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    const error = refuse(name);
    if (error) throw error;
    return { metadata: { name } };
  };
  const cluster = {
    create: (_type: unknown, object: { metadata: { name: string } }) => write("create", object.metadata.name),
    patch: (_type: unknown, { name }: { name: string }) => write("patch", name),
    delete: (_type: unknown, { name }: { name: string }) => write("delete", name),
    get: async () => ({ ...revision, data: { a: 2 } }),
  } as unknown as Cluster;
  const target: ActionTarget = { cluster, sidecarSet: "logging", systemNamespace: "system" };
  const told: string[] = [];
  const window = new WriteWindow(systemClock);
  const applier: Applier = {
    window,
    mayWrite: () => true,
    sending: () => {},
    carriedOut: (_action, { kind }) => void told.push(kind),
    failed: (_action, error) => void told.push((error as ClusterError).kind),
  };
  const apply = (actions: readonly RolloutAction[], more: Partial<Applier> = {}) =>
    applyPlan(actions, target, { ...applier, ...more });
  return { apply, window, calls, told, mostOpen: () => mostOpen };
}

const manyUpgrades = Array.from({ length: 50 }, (_, index) => upgrade(`p${index}`));

describe("applying a plan", () => {
  it("does revisions first, and nothing else when they fail", async () => {
    const { apply, calls } = aTarget((name) => (name === "r1" ? new ClusterError("unavailable", "down") : undefined));
    const { failures } = await apply([record, status, upgrade("a")]).done;
    expect(calls).toEqual(["create r1"]);
    expect(failures).toHaveLength(1);
  });

  it("does not depend on old revisions going away", async () => {
    const { apply, calls } = aTarget((name) => (name === "r0" ? new ClusterError("forbidden", "no") : undefined));
    await apply([prune, upgrade("a")]).done;
    expect(calls).toEqual(["delete r0", "patch a"]);
  });

  it("goes on with the others when one pod fails; a conflict is told, but no failure", async () => {
    const errors: Record<string, ClusterError> = {
      b: new ClusterError("conflict", "changed"),
      c: new ClusterError("forbidden", "no"),
    };
    const { apply, told } = aTarget((name) => errors[name]);
    const { written, failures } = await apply(["a", "b", "c", "d"].map(upgrade)).done;
    expect({ written, failed: failures.length }).toEqual({ written: 2, failed: 1 });
    expect(told).toEqual(["pod", "conflict", "forbidden", "pod"]);
  });

  it("has as many writes under way as the window lets through", async () => {
    const { apply, calls, mostOpen } = aTarget();
    await apply(manyUpgrades.slice(0, 32)).done;
    expect(calls).toHaveLength(32);
    expect(mostOpen()).toBe(16);
  });

  it("lets the next plan be made when all is sent and not yet answered", async () => {
    const { apply, told } = aTarget();
    const { sent, done } = apply([upgrade("a"), upgrade("b")]);
    await sent;
    expect(told).toEqual([]);
    await done;
    expect(told).toEqual(["pod", "pod"]);
  });

  it("does not let the status wait for a place among pods", async () => {
    const { apply, window, calls } = aTarget();
    const places = await Promise.all(Array.from({ length: 16 }, () => window.enter("other")));
    const { done } = apply([upgrade("a"), status]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual(["patch logging"]);
    for (const place of places) place.giveBack();
    await done;
    expect(calls).toEqual(["patch logging", "patch a"]);
  });

  it("asks before each write to a pod, also of one that has waited for its place", async () => {
    const { apply, window, calls } = aTarget();
    const places = await Promise.all(Array.from({ length: 16 }, () => window.enter("other")));
    let stopped = false;
    const { done } = apply([upgrade("a"), upgrade("b")], { mayWrite: () => !stopped });
    stopped = true;
    for (const place of places) place.giveBack();
    await done;
    expect(calls).toEqual([]);
    // The place was given back.
    await Promise.all(Array.from({ length: 16 }, () => window.enter("other")));
  });

  it("stops when the server has too much to do", async () => {
    const { apply, window, calls } = aTarget(
      () => new ClusterError("tooManyRequests", "slow down", { retryAfterSeconds: 3 }),
    );
    const { sent, done } = apply(manyUpgrades);
    setImmediate(() => setImmediate(() => window.stop()));
    await sent;
    const { failures } = await done;
    expect(calls).toHaveLength(16);
    expect(failures[0]!.error).toMatchObject({ retryAfterSeconds: 3 });
  });

  it("tells of a revision name that other data has taken", async () => {
    const { apply, told } = aTarget((name) => (name === "r1" ? new ClusterError("alreadyExists", "taken") : undefined));
    await apply([record]).done;
    expect(told).toEqual(["collision"]);
  });
});
