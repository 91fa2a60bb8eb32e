import { describe, expect, it } from "vitest";
import packageFile from "../../package.json" with { type: "json" };
import { LEASES, PODS } from "../../src/cluster/resource.ts";
import type { Loose } from "../contract/fixtures.ts";
import { servedCluster } from "./changedSet.ts";
import { runProgram } from "./runProgram.ts";

const { version } = packageFile;
const served = servedCluster();

describe("sidecarset version", () => {
  it("--client asks no cluster", async () => {
    const env = { KUBECONFIG: "/nowhere" };
    expect(await runProgram(["version", "--client"], { env })).toEqual({
      code: 0,
      stdout: `sidecarset ${version}\n`,
      stderr: "",
    });
    expect((await runProgram(["--version"])).stdout).toBe(`sidecarset ${version}\n`);
  });

  it("tells of a cluster that it does not reach, and is done", async () => {
    const { stdout, code } = await runProgram(["version"], { env: { KUBECONFIG: "/nowhere" } });
    expect(stdout).toMatch(/^sidecarset .*\ncluster {4}not reached: .*\/nowhere/);
    expect(code).toBe(0);
  });

  it("names the API server, and that no manager is in the cluster", async () => {
    const { stdout } = await served.sidecarset("version");
    expect(stdout).toMatch(/^sidecarset .*\nmanager {4}none in the cluster\nAPI server v1\.\d+/);
  }, 180_000);

  it("finds the leader's pod by the Lease, and says when its version is another one", async () => {
    const place = { namespace: "kruise-system" };
    const pod = { containers: [{ name: "manager", image: "registry.example/sidecarset:99.1.0" }] };
    await served.cluster.create<Loose>(PODS, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "sc-x1", ...place },
      spec: pod,
    });
    await served.cluster.create<Loose>(LEASES, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "sidecarset-manager", ...place },
      spec: { holderIdentity: "sc-x1_0a1b", leaseDurationSeconds: 15 },
    });
    const { stdout } = await served.sidecarset("version", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "VersionReport",
      version,
      cluster: { managers: ["99.1.0"], skewed: true },
    });
  }, 180_000);
});
