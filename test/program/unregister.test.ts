import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoCluster, startDemoApiServer, startDemoManager } from "../../src/cli/demo/demoCluster.ts";
import type { Manager } from "../../src/cli/startManager.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { CONFIG_MAPS, MUTATING_WEBHOOKS, PODS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { aSidecarSetObject } from "../aSidecarSet.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { runProgram } from "./runProgram.ts";

const environment = { clock: systemClock, random: Math.random, log: () => {} };
const SWITCHES = { namespace: "kruise-system", name: "sidecarset-switches" };
const end = new AbortController();
let demo: DemoCluster;
let manager: Manager;

beforeAll(async () => {
  demo = await startDemoApiServer({ environment, port: 0 });
  manager = await startDemoManager(demo, { environment, signal: end.signal });
  const { metadata: _, ...set } = aSidecarSetObject();
  await demo.cluster.create(SIDECAR_SETS, { ...set, metadata: { name: "logging" } } as KubeObject);
  await eventually(async () => expect(await registered()).toMatchObject({ status: "True", reason: "Covered" }));
}, 60_000);

afterAll(async () => {
  await manager.close();
  await demo.close();
});

describe("sidecarset unregister", () => {
  it("removes the webhook under a running manager, which does not bring it back before it is told to", async () => {
    expect(await sidecars()).toEqual(["logtail", "app"]);
    const result = await unregister("--reason", "incident 7");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout).toContain("are gone and stay away");
    await nothingRegistered();
    expect(await sidecars()).toEqual(["app"]);
    await eventually(async () =>
      expect(await registered()).toMatchObject({
        status: "False",
        reason: "RegistrationStopped",
        message: expect.stringContaining("incident 7"),
      }),
    );
    await demo.cluster.patch(CONFIG_MAPS, SWITCHES, { type: "merge", patch: { data: { registration: "running" } } });
    await eventually(async () => expect(await sidecars()).toEqual(["logtail", "app"]));
  });

  it("works without any manager, and twice", async () => {
    expect(manager.failsClosed).toBe(true);
    await manager.close();
    await expect(sidecars()).rejects.toThrow("failed calling webhook");
    expect(await unregister()).toMatchObject({ code: 0 });
    expect(await unregister()).toMatchObject({ code: 0 });
    await nothingRegistered();
    expect(await sidecars()).toEqual(["app"]);
    manager = await startDemoManager(demo, { environment, signal: end.signal });
    await nothingRegistered();
  });
});

function unregister(...args: readonly string[]) {
  return runProgram(["unregister", "--kubeconfig", demo.kubeconfigPath, ...args]);
}

async function nothingRegistered(): Promise<void> {
  for (const [type, name] of [
    [MUTATING_WEBHOOKS, "sidecarset-mutating"],
    [VALIDATING_WEBHOOKS, "sidecarset-validating"],
  ] as const)
    await expect(demo.cluster.get(type, { name })).rejects.toMatchObject({ kind: "notFound" });
}

/** The containers that a pod would get. */
async function sidecars(): Promise<readonly string[]> {
  const metadata = { generateName: "web-", namespace: "default", labels: { app: "web" } };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "app", image: "app:1" }] } };
  const { spec } = await demo.cluster.create<Pod>(PODS, pod as Pod, { dryRun: true });
  return spec.containers.map(({ name }) => name);
}

async function registered() {
  const { status } = await demo.cluster.get<Loose>(SIDECAR_SETS, { name: "logging" });
  const conditions = (status as { conditions?: { type: string }[] } | undefined)?.conditions ?? [];
  return conditions.find(({ type }) => type === "Registered");
}
