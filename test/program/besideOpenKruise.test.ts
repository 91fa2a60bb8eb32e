import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEASES } from "../../src/cluster/resource.ts";
import type { Loose } from "../contract/fixtures.ts";
import { freePorts } from "../freePorts.ts";
import { type ManagedCluster, startManagedCluster } from "./managedCluster.ts";
import { type RunningProgram, startProgram } from "./runProgram.ts";

const LEASE = { namespace: "kruise-system", name: "kruise-manager" };

let cluster: ManagedCluster;
let manager: RunningProgram;
let healthPort: number;
let beat: NodeJS.Timeout;
beforeAll(async () => {
  cluster = await startManagedCluster();
  const object: Loose = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: LEASE, spec: {} };
  await cluster.cluster.create(LEASES, object);
  renewed();
  const [port = 0, health = 0] = await freePorts(2);
  healthPort = health;
  manager = startProgram([
    ...["run", "--kubeconfig", cluster.kubeconfigPath, "--listen", "127.0.0.1", "--lease-duration", "3"],
    ...["--webhook-url", `https://127.0.0.1:${port}`, "--port", String(port), "--health-port", String(health)],
  ]);
});
afterAll(async () => {
  clearInterval(beat);
  manager.process.kill("SIGKILL");
  await manager.ended;
  await cluster.close();
});

describe("a manager that starts beside OpenKruise's", () => {
  it("waits and says so, alive and not ready, and writes no Lease of its own", async () => {
    await manager.said("OpenKruise's manager runs: waiting until it ends");
    expect((await fetch(`http://127.0.0.1:${healthPort}/livez`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status).toBe(503);
    await expect(cluster.cluster.get(LEASES, { ...LEASE, name: "sidecarset-manager" })).rejects.toThrow("not found");
  });

  it("begins when the Lease is released", async () => {
    clearInterval(beat);
    await cluster.cluster.patch(LEASES, LEASE, { type: "merge", patch: { spec: { holderIdentity: "" } } });
    await manager.said('"message":"manager started"');
  });

  it("tells when somebody starts OpenKruise's again", async () => {
    renewed();
    await manager.said("OpenKruise's manager runs beside ours");
  }, 60_000);
});

function renewed(): void {
  let count = 0;
  beat = setInterval(() => {
    count += 1;
    const spec = { holderIdentity: "theirs", leaseDurationSeconds: 15, leaseTransitions: count };
    void cluster.cluster.patch(LEASES, LEASE, { type: "merge", patch: { spec } }).catch(() => {});
  }, 300);
}
