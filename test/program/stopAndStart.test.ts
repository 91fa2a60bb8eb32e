import { describe, expect, it } from "vitest";
import { CONFIG_MAPS, PODS } from "../../src/cluster/resource.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";

const served = servedCluster();
const SWITCHES = { namespace: "kruise-system", name: "sidecarset-switches" };

describe("sidecarset stop and start", () => {
  it("stop every rollout of the cluster, and let it go on by what was printed", async () => {
    await served.released("stopped", 2);
    const stop = await served.sidecarset("stop", "--reason", "registry is down");
    expect(stop).toMatchObject({ code: 0, stderr: "" });
    expect(stop.stdout).toMatch(
      /^all updates in place are stopped for the whole cluster\n {2}updates: no pod is upgraded/,
    );
    await served.release("stopped", "logtail:2");
    await eventually(async () =>
      expect((await served.set("stopped")).status).toMatchObject({
        rollout: { reason: "UpdatesStopped" },
        updatedPods: 0,
      }),
    );
    const [, again] = /take it back: sidecarset (.*) --kubeconfig/.exec(stop.stdout)!;
    expect(again).toBe("start updates");
    const start = await served.sidecarset(...again!.split(" "));
    expect(start.stdout).toContain(
      "updates: rollouts go on, each as its updateStrategy says; 2 pods of 1 SidecarSet are",
    );
    await eventually(async () => expect((await served.set("stopped")).status).toMatchObject({ updatedReadyPods: 2 }));
    expect(await switches()).toEqual({ updates: "running" });
  }, 240_000);

  it("stop injection, whose reason the creator of a pod is told", async () => {
    await served.released("without", 1);
    await served.sidecarset("stop", "injection", "--reason", "incident 7");
    await eventually(async () => {
      const pod = {
        metadata: { generateName: "new-", labels: { app: "without" } },
        spec: { containers: [{ name: "a", image: "a" }] },
      };
      const created = await served.cluster.create<Loose>(
        PODS,
        { apiVersion: "v1", kind: "Pod", ...pod },
        { namespace: "default", dryRun: true },
      );
      expect(created.spec.containers).toHaveLength(1);
    });
    expect(await switches()).toMatchObject({
      injection: "stopped",
      reason: "incident 7",
      since: expect.stringMatching(/^\d.*:\d\dZ$/),
    });
    expect((await served.sidecarset("stop", "injection")).stdout).toBe(
      "injection is stopped for the whole cluster already; nothing is written\n",
    );
    expect((await served.sidecarset("start")).stdout).toMatch(/^injection: running\n/);
  }, 240_000);

  it("write nothing in a dry run or for a print of the patch, and refuse what is no switch", async () => {
    const before = await switches();
    const dryRun = await served.sidecarset("stop", "injection", "updates", "--dry-run=server");
    expect(dryRun.stdout).toMatch(
      /^injection and all updates in place are stopped for the whole cluster \(server dry run\)\n/,
    );
    expect(JSON.parse((await served.sidecarset("stop", "--print-patch")).stdout)).toMatchObject({
      data: { updates: "stopped" },
    });
    expect(await switches()).toEqual(before);
    const wrong = await served.sidecarset("stop", "everything");
    expect(wrong.stderr).toContain("Allowed choices are updates, injection, registration");
    expect(wrong.code).toBe(2);
    const elsewhere = await served.sidecarset("stop", "--system-namespace", "nowhere");
    expect(elsewhere.stderr).toBe("error: the cluster has no namespace nowhere; is --system-namespace right?\n");
  }, 240_000);
});

async function switches(): Promise<object | undefined> {
  const { data } = await served.cluster.get<Loose>(CONFIG_MAPS, SWITCHES);
  return data;
}
