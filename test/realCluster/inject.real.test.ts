import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../program/runProgram.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";

const CHART = ["-f", "examples/helm-rendered.yaml", "-n", "shop"];
const SIDECAR_SET = "examples/log-agent.yaml";

describe("what inject prints on a real cluster", () => {
  beforeAll(async () => {
    await kubectl(["create", "namespace", "shop"]);
    await kubectl(["apply", "-f", "deploy/crd.yaml"]);
    await kubectl(["wait", "--for=condition=Established", "crd/sidecarsets.apps.kruise.io"]);
    // Others of this run may have left theirs.
    await kubectl(["delete", "sidecarsets", "--all"]);
  });

  afterAll(async () => {
    await kubectl(["delete", "-f", SIDECAR_SET, "--ignore-not-found"]);
    await kubectl(["delete", "namespace", "shop", "--wait=false"]);
  });

  it("is taken by kubectl apply as it comes out, every field of it", async () => {
    const { stdout } = await runProgram(["inject", ...CHART, "-f", SIDECAR_SET]);
    expect(await kubectl(["apply", "-n", "shop", "--dry-run=server", "--validate=strict", "-f", "-"], stdout)).toBe(
      [
        "service/web created (server dry run)",
        "deployment.apps/web created (server dry run)",
        "cronjob.batch/report created (server dry run)",
        "",
      ].join("\n"),
    );
  });

  it("is the same with the SidecarSet that the cluster has as with the file it is from", async () => {
    await kubectl(["apply", "-f", SIDECAR_SET]);
    const fromFile = await runProgram(["inject", ...CHART, "-f", SIDECAR_SET, "--explain"]);
    const live = ["--from-cluster", "--kubeconfig", realKubeconfig(), "--system-namespace", "default"];
    const { stdout, stderr } = await runProgram(["inject", ...CHART, ...live, "--explain"]);
    expect(stderr).toBe("");
    expect(stdout).toBe(fromFile.stdout);
  });
});

async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const child = spawn(realKubectl(), ["--kubeconfig", realKubeconfig(), ...args]);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return `${stdout}${stderr}`;
}
