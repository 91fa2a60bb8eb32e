import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { InstallationFinding } from "../../src/core/installation/installationFinding.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually, type Loose, objectVanishes } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { type RunningManager, startManagerProcess } from "../program/managedCluster.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";
import { playNodes } from "./playedNodes.ts";

const NAMESPACE = "plugin";
const SYSTEM_NAMESPACE = "plugin-system";
const PATIENCE_MS = 180_000;
const NAME = "told-by-kubectl";

let cluster: KubeApi;
let manager: RunningManager;
let nodes: { stop(): Promise<void> };
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plugin-"));
  for (const name of ["kubectl-sidecarset", "kubectl_complete-sidecarset"]) {
    symlinkSync(inject("program"), join(folder, name));
  }
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await installSidecarSets(cluster);
  nodes = await playNodes(cluster);
  for (const name of [SYSTEM_NAMESPACE, NAMESPACE]) {
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  manager = await startManagerProcess(realKubeconfig(), ["--system-namespace", SYSTEM_NAMESPACE]);
  await cluster.create<Loose>(SIDECAR_SETS, {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: NAME },
    spec: {
      selector: { matchLabels: { app: NAME } },
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
      containers: [{ name: "logtail", image: "logtail:1" }],
      updateStrategy: { partition: "50%", maxUnavailable: 2 },
    },
  });
  await eventually(async () => expect(await condition("Registered")).toBe("True"));
  await cluster.create<Loose>(DEPLOYMENTS, deployment());
  await eventually(async () => expect((await set()).status).toMatchObject({ readyPods: 4 }));
}, PATIENCE_MS);

afterAll(async () => {
  await cluster.delete(DEPLOYMENTS, { namespace: NAMESPACE, name: NAME }).catch(() => undefined);
  manager.process.kill("SIGTERM");
  await manager.ended;
  for (const [type, name] of [
    [MUTATING_WEBHOOKS, "sidecarset-mutating"],
    [VALIDATING_WEBHOOKS, "sidecarset-validating"],
    [SIDECAR_SETS, NAME],
    [NAMESPACES, NAMESPACE],
    [NAMESPACES, SYSTEM_NAMESPACE],
  ] as const) {
    await cluster.delete(type, { name }).catch(() => undefined);
  }
  for (const name of [NAMESPACE, SYSTEM_NAMESPACE]) await objectVanishes(cluster, NAMESPACES, { name });
  await nodes.stop();
  await cluster.close();
  rmSync(folder, { recursive: true });
}, PATIENCE_MS);

describe("as a plugin of kubectl, on a real API server", { timeout: PATIENCE_MS }, () => {
  it("a rollout is released, held, promoted, looked at and taken back", async () => {
    const released = await sidecarset("set", "image", NAME, "logtail=logtail:2", ...SYSTEM);
    expect(released).toContain("is released as revision 2, after 1\n");
    const takeBack = /take it back: (kubectl sidecarset undo .*)\n/.exec(released)![1]!;
    await updated(2);
    expect(await sidecarset("pause", NAME)).toContain(`take it back: kubectl sidecarset resume ${NAME}`);
    expect(await sidecarset("promote", NAME, "--full")).toMatch(
      /partition +50% → 0 .*\n.*2 of 4 pods .*; 2 more may follow/,
    );
    expect((await set()).status.updatedPods).toBe(2);
    await sidecarset("resume", NAME);
    await updated(4);
    expect(await sidecarset("history", NAME, ...SYSTEM)).toMatch(
      /\n2 +\S+ +sidecarset +4\/4 +Promoted .* logtail: 1 -> 2\n/,
    );
    await sidecarset(...takeBack.split(" ").slice(2));
    await eventually(async () => expect((await set()).spec.containers[0].image).toBe("logtail:1"));
    await updated(4);
  });

  it("a dry run is judged by the server and stored by nobody", async () => {
    const { metadata } = await set();
    expect(await sidecarset("pause", NAME, "--dry-run=server")).toContain("would be paused (server dry run)");
    expect((await set()).metadata.generation).toBe(metadata.generation);
  });

  it("what is printed as a patch is taken by kubectl patch", async () => {
    const patch = await sidecarset("pause", NAME, "--print-patch");
    const { stdout } = await kubectl("patch", "sidecarset", NAME, "--type", "merge", "-p", patch, "--dry-run=server");
    expect(stdout).toContain(`sidecarset.apps.kruise.io/${NAME} patched`);
  });

  it("the switches stop and start the cluster's rollouts", async () => {
    await sidecarset("stop", "--reason", "incident 7", ...SYSTEM);
    await sidecarset("set", "image", NAME, "logtail=logtail:3", ...SYSTEM);
    await eventually(async () => expect((await set()).status.rollout.reason).toBe("UpdatesStopped"));
    await sidecarset("start", ...SYSTEM);
    await updated(4);
  });

  it("check finds what there is to be found: managers that are no pods", async () => {
    const { code, stdout } = await kubectl("sidecarset", "check", "-o", "json", ...SYSTEM).catch(
      (error: { readonly code: number; readonly stdout: string }) => error,
    );
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly InstallationFinding[] };
    const found = checks.filter(({ severity }) => severity !== "ok").map((check) => `${check.code} ${check.message}`);
    expect([code, found]).toEqual([3, [expect.stringMatching(/^C08 no pod of a manager/)]]);
  });

  it("exec goes into the sidecar, as far as a cluster without kubelets can", async () => {
    const [pod] = (await kubectl("get", "pods", "-n", NAMESPACE, "-o", "name")).stdout.split("\n");
    const ended = kubectl("sidecarset", "exec", pod!, "-n", NAMESPACE, "--", "true");
    await expect(ended).rejects.toMatchObject({
      stderr: expect.stringMatching(/error dialing backend|no such host|connect|Unauthorized|not found/i),
    });
  });

  it("words are completed by kubectl itself", async () => {
    expect((await kubectl("__complete", "sidecarset", "pau")).stdout).toMatch(/^pause\t.*\n:4\n/);
    expect((await kubectl("__complete", "sidecarset", "pause", "told")).stdout).toMatch(new RegExp(`^${NAME}\n:4\n`));
  });

  it("everything for a helper fits into one file", async () => {
    const { stdout } = await promisify(execFile)(
      "sh",
      [
        "-c",
        `"$0" sidecarset support-bundle --file - --system-namespace ${SYSTEM_NAMESPACE} | tar tzf -`,
        realKubectl(),
      ],
      { env: environment() },
    );
    expect(stdout).toMatch(/\/check\.yaml\n/);
    expect(stdout).toMatch(/\/pods\/plugin\.yaml\n/);
  });
});

const SYSTEM = ["--system-namespace", SYSTEM_NAMESPACE];

async function sidecarset(...args: readonly string[]): Promise<string> {
  const { stdout } = await kubectl("sidecarset", ...args);
  return stdout;
}

async function kubectl(...args: readonly string[]) {
  return { code: 0, ...(await promisify(execFile)(realKubectl(), [...args], { env: environment() })) };
}

function environment(): NodeJS.ProcessEnv {
  const path = [folder, dirname(realKubectl()), process.env.PATH].join(delimiter);
  return { ...process.env, NO_COLOR: "1", PATH: path, KUBECONFIG: realKubeconfig() };
}

function set(): Promise<Loose> {
  return cluster.get<Loose>(SIDECAR_SETS, { name: NAME });
}

async function condition(type: string): Promise<string | undefined> {
  const conditions = ((await set()).status?.conditions ?? []) as readonly {
    readonly type: string;
    readonly status: string;
  }[];
  return conditions.find((each) => each.type === type)?.status;
}

function updated(pods: number): Promise<void> {
  return eventually(async () => expect((await set()).status).toMatchObject({ updatedReadyPods: pods }));
}

function deployment(): Loose {
  const labels = { app: NAME };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      replicas: 4,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    },
  };
}
