import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineNarrator } from "../../src/cli/demo/narrator.ts";
import { playStory } from "../../src/cli/demo/story.ts";
import { styleFor, symbolsFor } from "../../src/cli/terminal/style.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { MUTATING_WEBHOOKS, NAMESPACES, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { objectVanishes } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { freePorts } from "../freePorts.ts";
import { startProgram } from "../program/runProgram.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { managerKubeconfig } from "./managerAccount.ts";
import { playNodes } from "./playedNodes.ts";

const SYSTEM_NAMESPACE = "story-system";
const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
const controller = new AbortController();
const undo: (() => Promise<unknown>)[] = [];
let cluster: KubeApi;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  undo.push(() => cluster.close());
  await installSidecarSets(cluster);
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM_NAMESPACE } };
  await cluster.create(NAMESPACES, namespace);
  undo.push(() => cluster.delete(NAMESPACES, { name: SYSTEM_NAMESPACE }));
  const nodes = await playNodes(cluster);
  undo.push(() => nodes.stop());
  const [port] = await freePorts(1);
  const url = `https://127.0.0.1:${port}`;
  const manager = startProgram([
    ...["run", "--kubeconfig", await managerKubeconfig(SYSTEM_NAMESPACE), "--system-namespace", SYSTEM_NAMESPACE],
    ...["--webhook-url", url, "--listen", "127.0.0.1", "--port", String(port)],
  ]);
  undo.push(async () => {
    manager.process.kill("SIGTERM");
    expect(await manager.ended).toMatchObject({ code: 0, stdout: "" });
  });
  await manager.said("manager started");
  undo.push(() => cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" }));
  undo.push(() => cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" }));
});

afterAll(async () => {
  await cluster.delete(SIDECAR_SETS, { name: "test-sidecarset" }).catch(() => undefined);
  await cluster.delete(NAMESPACES, { name: "ns-1" }).catch(() => undefined);
  await objectVanishes(cluster, NAMESPACES, { name: "ns-1" });
  for (const step of undo.reverse()) await step();
  controller.abort();
});

describe("the main story on a real control plane", () => {
  it("injects at creation and upgrades in place: half of the pods, three at a time, then the rest", async () => {
    const lines: string[] = [];
    const look = { style: styleFor(process.stdout), symbols: symbolsFor({}) };
    const promises = await playStory({
      cluster,
      environment,
      narrator: lineNarrator((line) => lines.push(line), look),
      signal: controller.signal,
      sidecarSet: example("sidecarset.yaml"),
      deployment: example("web-server.yaml"),
    });
    console.log([...lines, ...promises.map(({ name, seen }) => `${name}: ${seen}`)].join("\n"));
    expect(promises.filter(({ held }) => !held)).toEqual([]);
  });
});

function example(file: string): string {
  return readFileSync(join(import.meta.dirname, "../../examples/launch-article", file), "utf8");
}
