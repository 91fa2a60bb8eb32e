import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { connect } from "../../src/kubeapi/connect.ts";
import { startEmbeddedCluster } from "../../src/simulator/embeddedCluster.ts";
import { realKubeconfig, realKubectl } from "./kubeconfigOfRun.ts";
import { playNodes } from "./playedNodes.ts";

const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
const root = join(import.meta.dirname, "../..");

export interface Kubectl {
  /** What it printed, ages and random parts of names replaced; an error is printed too. */
  run(...args: readonly string[]): Promise<string>;
  /** The same for `kubectl edit`, which opens what it edits with a program. */
  edit(editor: string, ...args: readonly string[]): Promise<string>;
  readonly kubeconfig: string;
  /** The same cluster, for a manager. */
  cluster: Cluster;
  close(): Promise<void>;
}

export async function realKubectlDoor(folder: string): Promise<Kubectl> {
  const cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  const nodes = await playNodes(cluster);
  const kubectl = kubectlOf(realKubeconfig(), folder);
  await kubectl.run("apply", "-f", join(root, "deploy/crd.yaml"));
  return {
    ...kubectl,
    kubeconfig: realKubeconfig(),
    cluster,
    async close() {
      await nodes.stop();
      await cluster.close();
    },
  };
}

export async function embeddedKubectlDoor(folder: string): Promise<Kubectl> {
  const definition = parse(readFileSync(join(root, "deploy/crd.yaml"), "utf8"), { version: "1.1" }) as KubeObject;
  const embedded = await startEmbeddedCluster({
    environment,
    port: 0,
    zones: 3,
    nodesPerZone: 4,
    sidecarSetDefinition: definition,
  });
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, embedded.kubeconfig);
  return {
    ...kubectlOf(kubeconfig, folder),
    kubeconfig,
    cluster: embedded.cluster,
    close: () => embedded.close(),
  };
}

function kubectlOf(kubeconfig: string, folder: string): Pick<Kubectl, "run" | "edit"> {
  const execute = async (args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<string> => {
    const env = { ...environmentOf(kubeconfig), ...variables };
    const command = promisify(execFile)(realKubectl(), args, { env, timeout: 40_000 });
    const { stdout, stderr } = await command.catch((error: { stdout: string; stderr: string }) => error);
    return normalised(`${stdout}${stderr}`, folder);
  };
  return { run: (...args) => execute(args), edit: (editor, ...args) => execute(args, { KUBE_EDITOR: editor }) };
}

/** kubectl caches discovery under HOME; each cluster gets a home of its own. */
export function environmentOf(kubeconfig: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    KUBECONFIG: kubeconfig,
    HOME: join(tmpdir(), "kubectl-home", kubeconfig.replace(/\W/g, "-")),
  };
}

function normalised(text: string, folder: string): string {
  return text
    .trim()
    .replaceAll(join(folder, "manifest.json"), "MANIFEST")
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/ {2,}|\t+/g, " ")
        .replace(/\bweb-[a-z0-9]{6,10}-[a-z0-9]{5}(?= )/g, "web-HASH-POD")
        .replace(/\bweb-[a-z0-9]{6,10}(?= )/g, "web-HASH")
        .replace(/(?<=^| |\()(\d+[dhms])+(?=$| |\))/g, "AGE"),
    )
    .join("\n");
}
