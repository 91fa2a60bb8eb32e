import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  MUTATING_WEBHOOKS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import { runProgram } from "../program/runProgram.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";
import { Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";
import { startPodsWithoutEnd } from "./podsWithoutEnd.ts";

const NAME = "uninstall";
const PODS = 12;
let rollout: ObservedRollout;
let managers: Managers;

beforeAll(async () => {
  const updateStrategy = { maxUnavailable: 1 };
  rollout = await ObservedRollout.prepare({ name: NAME, pods: PODS, image: "logtail:1.0.0", updateStrategy });
  managers = new Managers(rollout.systemNamespace);
  await Promise.all([managers.start(), managers.start()]);
  await rollout.begin();
}, 180_000);

afterAll(async () => {
  await managers?.close();
  await rollout?.close();
}, 180_000);

describe("removing it from a cluster", () => {
  it("begins with a warning when somebody deletes a SidecarSet: how many pods keep its sidecars", async () => {
    const args = ["delete", "sidecarset", NAME, "--dry-run=server", "--kubeconfig", realKubeconfig()];
    const { stdout, stderr } = await promisify(execFile)(realKubectl(), args);
    expect(stdout).toContain(`"${NAME}" deleted`);
    expect(stderr).toBe(
      `Warning: ${PODS} pods keep the sidecars of SidecarSet ${NAME} until recreated; nobody upgrades them any more\n`,
    );
  });

  it("refuses no pod at any moment when the webhook goes first; SidecarSets, their kind and running pods stay", async () => {
    const { metadata } = await rollout.cluster.get(SIDECAR_SETS, { name: NAME });
    rollout.observer.expect({ samePods: true, maxUnavailable: 0 });
    const pods = startPodsWithoutEnd(() => rollout.tryPod(), "logtail");
    await rollout.until(() => pods.injected > 10);
    expect(await unregister()).toMatchObject({ code: 0 });
    await managers.close();
    const seen = pods.answered;
    await rollout.until(() => pods.answered > seen + 20);
    await pods.stop();
    expect(pods.refused).toEqual([]);
    expect(pods.injected).toBeLessThan(pods.created);
    await expect(rollout.cluster.get(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" })).rejects.toThrow("not found");
    await expect(rollout.cluster.get(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" })).rejects.toThrow(
      "not found",
    );
    await rollout.cluster.get(CUSTOM_RESOURCE_DEFINITIONS, { name: "sidecarsets.apps.kruise.io" });
    const kept = await rollout.cluster.get(SIDECAR_SETS, { name: NAME });
    expect([kept.metadata.uid, kept.metadata.generation]).toEqual([metadata.uid, metadata.generation]);
    expect([...rollout.observer.violations, rollout.observer.imageWrites]).toEqual([0]);
  });

  it("can be undone: a manager that starts again injects and upgrades as before", async () => {
    const switches = { namespace: rollout.systemNamespace, name: "sidecarset-switches" };
    await rollout.cluster.patch(CONFIG_MAPS, switches, { type: "merge", patch: { data: { registration: "running" } } });
    await managers.start();
    await rollout.until(async () => (await rollout.tryPod()).spec.containers.length > 1);
    rollout.observer.expect({ samePods: true, maxUnavailable: 1 });
    await rollout.setImage("logtail:1.0.1");
    await rollout.updated("logtail:1.0.1", PODS);
    expect([...rollout.observer.violations, rollout.observer.imageWrites]).toEqual([PODS]);
  });
});

function unregister() {
  const where = ["--kubeconfig", realKubeconfig(), "--system-namespace", rollout.systemNamespace];
  return runProgram(["unregister", ...where, "--reason", "uninstalled"]);
}
