import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { systemClock } from "../../src/cluster/environment.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { type EmbeddedCluster, startEmbeddedCluster } from "../../src/simulator/embeddedCluster.ts";
import { freePorts } from "../freePorts.ts";
import { type RunningProgram, startProgram } from "./runProgram.ts";

/** An embedded cluster, and managers that run against it as processes of their own. */
export interface ManagedCluster extends EmbeddedCluster {
  readonly kubeconfigPath: string;
  /** Takes free ports, and a short lease; the flags given win. */
  startManager(...flags: readonly string[]): Promise<RunningManager>;
}

export interface RunningManager extends RunningProgram {
  readonly port: number;
  readonly healthPort: number;
  /** Every line that it has logged so far. */
  log(): readonly LogLine[];
}

interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export async function startManagedCluster(): Promise<ManagedCluster> {
  const crd = readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8");
  const embedded = await startEmbeddedCluster({
    environment: { clock: systemClock, random: Math.random, log: () => {} },
    port: 0,
    zones: 1,
    nodesPerZone: 1,
    sidecarSetDefinition: parse(crd) as KubeObject,
  });
  const folder = mkdtempSync(join(tmpdir(), "managed-cluster-"));
  const kubeconfigPath = join(folder, "kubeconfig");
  writeFileSync(kubeconfigPath, embedded.kubeconfig, { mode: 0o600 });
  const managers: RunningManager[] = [];
  return {
    ...embedded,
    kubeconfigPath,
    async startManager(...flags) {
      const manager = await startManagerProcess(kubeconfigPath, flags);
      managers.push(manager);
      return manager;
    },
    async close() {
      for (const { process } of managers) process.kill("SIGKILL");
      await Promise.all(managers.map(({ ended }) => ended));
      await embedded.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param flags what the caller wants in addition; they win */
export async function startManagerProcess(kubeconfig: string, flags: readonly string[]): Promise<RunningManager> {
  const [port = 0, healthPort = 0] = await freePorts(2);
  const program = startProgram([
    ...["run", "--kubeconfig", kubeconfig, "--lease-duration", "3", "--listen", "127.0.0.1"],
    ...["--webhook-url", `https://127.0.0.1:${port}`, "--port", String(port), "--health-port", String(healthPort)],
    ...flags,
  ]);
  let text = "";
  program.process.stderr.on("data", (chunk) => {
    text += chunk;
  });
  const log = (): LogLine[] =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  await program.said("manager started");
  return { ...program, port, healthPort, log };
}
