import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEPLOYMENTS } from "../../src/cluster/resource.ts";
import { eventually, type Loose } from "../contract/fixtures.ts";
import { type ManagedCluster, type RunningManager, startManagedCluster } from "./managedCluster.ts";
import { runProgram } from "./runProgram.ts";

interface Check {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly fix?: string;
}

let cluster: ManagedCluster;
let manager: RunningManager;

/** The manager of these tests is a process beside the cluster, not a pod in it. */
const NO_POD = "C08";

beforeAll(async () => {
  cluster = await startManagedCluster();
}, 180_000);

afterAll(async () => {
  await cluster.close();
});

describe("sidecarset check", () => {
  it("--pre finds nothing in the way of an installation, and without it what is missing", async () => {
    const before = await check("--pre");
    expect(before.findings).toEqual([]);
    expect(before.code).toBe(0);
    const { findings, code } = await check();
    expect(findings.map((finding) => finding.code)).toEqual(["C07", NO_POD, "C10"]);
    expect(findings[0]!.message).toContain("no manager has ever led here");
    expect(code).toBe(3);
  }, 180_000);

  it("is clean with a manager, also for a person", async () => {
    manager = await cluster.startManager();
    const { findings, checks, code } = await check("--suppress", NO_POD, "--wait", "30");
    expect({ findings, code }).toEqual({ findings: [], code: 0 });
    expect(messageOf(checks, "C11")).toMatch(/the webhook's authority expires in \d+ days/);
    expect(messageOf(checks, "C12")).toMatch(/answered for a pod that nobody runs, in \d+ ms/);
    const { stdout } = await sidecarset("check", "--suppress", "managerPods");
    expect(stdout).toMatch(/^cluster\n✔ API server v1\.[\d.]+.*\n✔ CRD sidecarsets\.apps\.kruise\.io serves v1/);
    expect(stdout).toMatch(/\n\d+ checks, no findings\n$/);
  }, 240_000);

  it("finds a stop switch, and its fix works", async () => {
    await sidecarset("stop", "--reason", "incident 7");
    const { findings, code } = await check("--suppress", NO_POD);
    expect(findings).toMatchObject([{ code: "C06", fix: "sidecarset start updates" }]);
    expect(findings[0]!.message).toContain("incident 7");
    expect(code).toBe(3);
    await sidecarset(...findings[0]!.fix!.split(" ").slice(1));
    expect((await check("--suppress", NO_POD)).findings).toEqual([]);
  }, 240_000);

  it("finds OpenKruise beside us", async () => {
    const labels = { "control-plane": "controller-manager" };
    const image = "openkruise/kruise-manager:v1.8.0";
    await cluster.cluster.create<Loose>(DEPLOYMENTS, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "kruise-controller-manager", namespace: "kruise-system" },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "manager", image }] } },
      },
    });
    const { findings } = await check("--suppress", NO_POD);
    expect(findings).toMatchObject([{ code: "C05", severity: "error", fix: "sidecarset migrate --check" }]);
    await cluster.cluster.delete(DEPLOYMENTS, { namespace: "kruise-system", name: "kruise-controller-manager" });
  }, 240_000);

  it("finds a manager that is gone: nobody leads, and the webhook is not reached", async () => {
    manager.process.kill("SIGTERM");
    await manager.ended;
    await eventually(async () => {
      const { findings } = await check("--suppress", NO_POD);
      expect(findings.map(({ code }) => code)).toEqual(["C07", "C12"]);
    });
  }, 240_000);

  it("refuses to suppress what is no check", async () => {
    const { stderr, code } = await sidecarset("check", "--suppress", "C99");
    expect(stderr).toContain('--suppress "C99": there is no such check; there are: C01 (serverVersion)');
    expect(code).toBe(2);
  });
});

async function check(...args: readonly string[]) {
  const { stdout, stderr, code } = await sidecarset("check", "-o", "json", ...args);
  expect(stderr).toBe("");
  const { kind, checks } = JSON.parse(stdout) as { readonly kind: string; readonly checks: readonly Check[] };
  expect(kind).toBe("CheckReport");
  return { code, checks, findings: checks.filter(({ severity }) => severity !== "ok") };
}

function messageOf(checks: readonly Check[], code: string): string | undefined {
  return checks.find((found) => found.code === code)?.message;
}

function sidecarset(...args: readonly string[]) {
  return runProgram([...args, "--kubeconfig", cluster.kubeconfigPath]);
}
