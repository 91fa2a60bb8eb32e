import { describe, expect, it } from "vitest";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { RolloutAction } from "../core/rollout/rolloutPlan.ts";
import type { RolloutStatus } from "../core/rollout/status.ts";
import type { ActionTarget } from "./applyAction.ts";
import { applyPlan } from "./applyPlan.ts";

const revision = {
  apiVersion: "apps/v1",
  kind: "ControllerRevision",
  metadata: { name: "r1" },
  data: { a: 1 },
  revision: 1,
};
const record: RolloutAction = { kind: "recordRevision", revision };
const prune: RolloutAction = { kind: "pruneRevision", name: "r0", uid: "u" };
const status: RolloutAction = { kind: "writeStatus", status: {} as RolloutStatus, news: [] };
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
  return { target, calls, mostOpen: () => mostOpen };
}

describe("applying a plan", () => {
  it("does revisions first, and nothing else when they fail", async () => {
    const { target, calls } = aTarget((name) => (name === "r1" ? new ClusterError("unavailable", "down") : undefined));
    const applied = await applyPlan([record, status, upgrade("a")], target, () => {});
    expect(calls).toEqual(["create r1"]);
    expect(applied.failures).toHaveLength(1);
  });

  it("does not depend on old revisions going away", async () => {
    const { target, calls } = aTarget((name) => (name === "r0" ? new ClusterError("forbidden", "no") : undefined));
    await applyPlan([prune, upgrade("a")], target, () => {});
    expect(calls).toEqual(["delete r0", "patch a"]);
  });

  it("goes on with the others when one pod fails; a conflict is no failure", async () => {
    const errors: Record<string, ClusterError> = {
      b: new ClusterError("conflict", "changed"),
      c: new ClusterError("forbidden", "no"),
    };
    const { target } = aTarget((name) => errors[name]);
    const { written, dropped, failures } = await applyPlan(["a", "b", "c", "d"].map(upgrade), target, () => {});
    expect({ written, dropped, failed: failures.length }).toEqual({ written: 2, dropped: 1, failed: 1 });
  });

  it("has a bounded number of writes under way", async () => {
    const { target, calls, mostOpen } = aTarget();
    await applyPlan(
      Array.from({ length: 50 }, (_, index) => upgrade(`p${index}`)),
      target,
      () => {},
    );
    expect(calls).toHaveLength(50);
    expect(mostOpen()).toBe(16);
  });

  it("stops when the server has too much to do", async () => {
    const { target, calls } = aTarget(() => new ClusterError("tooManyRequests", "slow down", { retryAfterSeconds: 3 }));
    const { failures } = await applyPlan(
      Array.from({ length: 50 }, (_, index) => upgrade(`p${index}`)),
      target,
      () => {},
    );
    expect(calls).toHaveLength(16);
    expect(failures[0]!.error).toMatchObject({ retryAfterSeconds: 3 });
  });

  it("tells of a revision name that other data has taken", async () => {
    const { target } = aTarget((name) => (name === "r1" ? new ClusterError("alreadyExists", "taken") : undefined));
    const effects: string[] = [];
    await applyPlan([record], target, ({ kind }) => effects.push(kind));
    expect(effects).toEqual(["collision"]);
  });
});
