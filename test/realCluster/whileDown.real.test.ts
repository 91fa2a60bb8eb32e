import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually, type Loose, objectVanishes } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { type RunningManager, startManagerProcess } from "../program/managedCluster.ts";
import { runProgram } from "../program/runProgram.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { managerKubeconfig } from "./managerAccount.ts";

const NAMESPACE = "while-down";
const SYSTEM_NAMESPACE = "while-down-system";
const WEBHOOK_TIMEOUT_MS = 5_000;
/** What the API server itself takes, on a busy machine. */
const OWN_MS = 2_000;
const PATIENCE_MS = 120_000;

const documented = readFileSync(new URL("../../docs/reference/high-availability.md", import.meta.url), "utf8");

let cluster: KubeApi;
let manager: RunningManager;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await installSidecarSets(cluster);
  for (const name of [SYSTEM_NAMESPACE, NAMESPACE])
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  manager = await startManagerProcess(await managerKubeconfig(SYSTEM_NAMESPACE), [
    ...["--system-namespace", SYSTEM_NAMESPACE],
  ]);
  await cluster.create(SIDECAR_SETS, aSet("ignoring", "Ignore"));
  await cluster.create(SIDECAR_SETS, aSet("failing", "Fail"));
  for (const name of ["ignoring", "failing"]) await eventually(() => isRegistered(name));
  expect(await containers("ignoring")).toEqual(["ignoring", "app"]);
  expect(await containers("failing")).toEqual(["failing", "app"]);
  manager.process.kill("SIGKILL");
  await manager.ended;
}, PATIENCE_MS);

afterAll(async () => {
  for (const [type, name] of [
    [MUTATING_WEBHOOKS, "sidecarset-mutating"],
    [VALIDATING_WEBHOOKS, "sidecarset-validating"],
    [SIDECAR_SETS, "ignoring"],
    [SIDECAR_SETS, "failing"],
    [NAMESPACES, SYSTEM_NAMESPACE],
    [NAMESPACES, NAMESPACE],
  ] as const)
    await cluster.delete(type, { name }).catch(() => undefined);
  for (const name of [SYSTEM_NAMESPACE, NAMESPACE]) await objectVanishes(cluster, NAMESPACES, { name });
  await cluster.close();
}, PATIENCE_MS);

describe("while no manager runs, a pod", { timeout: PATIENCE_MS }, () => {
  it("of a set that fails open starts without sidecars, at once where nobody listens", async () => {
    const { result, tookMs } = await timed(() => containers("ignoring"));
    expect(result).toEqual(["app"]);
    expect(tookMs).toBeLessThan(OWN_MS);
  });

  it("of a set that fails open waits for the webhook's 5 s where nobody answers, and no longer", async () => {
    const hole = await BlackHole.at(manager.port);
    const { result, tookMs } = await timed(() => containers("ignoring"));
    await hole.close();
    expect(result).toEqual(["app"]);
    expect(hole.calls).toBeGreaterThan(0);
    expect(tookMs).toBeGreaterThan(WEBHOOK_TIMEOUT_MS - 500);
    expect(tookMs).toBeLessThan(WEBHOOK_TIMEOUT_MS + OWN_MS);
    console.log(`created after ${tookMs} ms with a webhook that never answers`);
  });

  it("that no set selects is none of the webhook's business", async () => {
    const hole = await BlackHole.at(manager.port);
    const { result, tookMs } = await timed(() => containers("nobody"));
    await hole.close();
    expect(result).toEqual(["app"]);
    expect(hole.calls).toBe(0);
    expect(tookMs).toBeLessThan(OWN_MS);
  });

  it("of a set that fails closed is refused with our name, until somebody breaks the glass", async () => {
    const refusal = await containers("failing").then(String, (error: Error) => error.message);
    expect(documented).toContain(
      refusal.replace(/https:\/\/[^/]+/, "https://…").replace(/dial tcp \S+:/, "dial tcp …:"),
    );
    const { code, stdout } = await runProgram([
      ...["unregister", "--kubeconfig", realKubeconfig(), "--system-namespace", SYSTEM_NAMESPACE],
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("are gone and stay away") });
    expect(await containers("failing")).toEqual(["app"]);
  });
});

function aSet(name: string, failurePolicy: "Ignore" | "Fail"): KubeObject {
  const spec = {
    selector: { matchLabels: { down: name } },
    namespace: NAMESPACE,
    containers: [{ name, image: "logtail:1" }],
    injectionStrategy: { failurePolicy },
  };
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name }, spec } as KubeObject;
}

async function isRegistered(name: string): Promise<void> {
  const { status } = await cluster.get<Loose>(SIDECAR_SETS, { name });
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  expect(conditions.find(({ type }) => type === "Registered")?.status).toBe("True");
}

/** What a pod with this label would be made of. */
async function containers(down: string): Promise<readonly string[]> {
  const metadata = { generateName: "web-", namespace: NAMESPACE, labels: { down } };
  const spec = { automountServiceAccountToken: false, containers: [{ name: "app", image: "app:1" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec } as Pod;
  return (await cluster.create<Pod>(PODS, pod, { dryRun: true })).spec.containers.map(({ name }) => name);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly tookMs: number }> {
  const started = performance.now();
  const result = await work();
  return { result, tookMs: Math.round(performance.now() - started) };
}

/** Takes connections and never says a word. */
class BlackHole {
  calls = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  static async at(port: number): Promise<BlackHole> {
    const hole = new BlackHole();
    await new Promise<void>((resolve) => hole.#server.listen(port, "127.0.0.1", resolve));
    return hole;
  }

  private constructor() {
    this.#server = createServer((socket) => {
      this.calls++;
      this.#sockets.add(socket.on("error", () => {}));
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
