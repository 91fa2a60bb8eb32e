import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import { connect } from "../../kubeapi/connect.ts";
import { startEmbeddedCluster } from "../../simulator/embeddedCluster.ts";
import { DEFAULT_TIMING, type KubeletTiming } from "../../simulator/kubelet/kubeletTiming.ts";
import { packageFile } from "../packageFile.ts";
import { type Manager, startManager } from "../startManager.ts";

/** An embedded cluster with a manager that serves it, both spoken to over HTTPS as on a real one. */
export interface DemoCluster {
  readonly url: string;
  readonly kubeconfigPath: string;
  /** The API server as a user reaches it: by the kubeconfig. */
  readonly cluster: Cluster;
  close(): Promise<void>;
}

export interface DemoClusterOptions {
  readonly environment: Environment;
  readonly port: number;
  /** How many times as fast as usual containers are pulled, started and stopped; left out: as usual. */
  readonly speed?: number;
  /** In each of three zones, with room for 110 pods on each; left out: 4. */
  readonly nodesPerZone?: number;
  readonly signal: AbortSignal;
}

export async function startDemoApiServer({
  environment,
  port,
  speed = 1,
  nodesPerZone = 4,
}: Omit<DemoClusterOptions, "signal">): Promise<DemoCluster> {
  const embedded = await startEmbeddedCluster({
    environment,
    port,
    zones: 3,
    nodesPerZone,
    timing: faster(speed),
    sidecarSetDefinition: parse(packageFile("deploy/crd.yaml")) as KubeObject,
  });
  const folder = await mkdtemp(join(tmpdir(), "sidecarset-demo-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  // Also when the process is told twice to end, or fails.
  process.once("exit", removeFolder);
  const kubeconfigPath = join(folder, "kubeconfig");
  await writeFile(kubeconfigPath, embedded.kubeconfig, { mode: 0o600 });
  const cluster = await connect({ kubeconfig: kubeconfigPath, variables: process.env });
  return {
    url: embedded.url,
    kubeconfigPath,
    cluster,
    async close() {
      await cluster.close();
      await embedded.close();
      process.off("exit", removeFolder);
      removeFolder();
    },
  };
}

/** The manager of the demo: a client of the API server like any other, registered by URL. */
export async function startDemoManager(
  demo: DemoCluster,
  options: Omit<DemoClusterOptions, "port" | "speed" | "nodesPerZone">,
): Promise<Manager> {
  const cluster = await connect({ kubeconfig: demo.kubeconfigPath, variables: process.env });
  const manager = await startManager({
    cluster,
    environment: options.environment,
    systemNamespace: "kruise-system",
    listen: { host: "127.0.0.1", port: 0 },
    address: "listen",
    signal: options.signal,
  }).catch(async (error: unknown) => {
    await cluster.close();
    throw error;
  });
  return {
    url: manager.url,
    healthPort: manager.healthPort,
    get leads() {
      return manager.leads;
    },
    get failsClosed() {
      return manager.failsClosed;
    },
    async close() {
      await manager.close();
      await cluster.close();
    },
  };
}

function faster(speed: number): KubeletTiming {
  const entries = Object.entries(DEFAULT_TIMING).map(([step, ms]: [string, number]) => [step, ms / speed]);
  return Object.fromEntries(entries) as unknown as KubeletTiming;
}
