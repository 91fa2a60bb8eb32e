import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { ensureBinaries } from "../../test/realCluster/binaries.ts";
import { startControlPlane } from "../../test/realCluster/controlPlane.ts";
import { until } from "./until.ts";

export const SYSTEM_NAMESPACE = "kruise-system";

/** What a benchmark works with. */
export interface RealCluster {
  readonly api: KubeApi;
  readonly kubeconfig: string;
  /** Called in the end, the last one first, also after a failure. */
  readonly atEnd: (undo: () => Promise<unknown>) => void;
}

/** Starts a control plane that knows SidecarSets, measures, prints the figures as one line, and ends everything. */
export async function benchmark(measure: (cluster: RealCluster) => Promise<object>): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  // Every program that is started ends with us.
  process.setMaxListeners(30);
  const logFolder = mkdtempSync(join(tmpdir(), "bench-logs-"));
  process.once("exit", () => rmSync(logFolder, { recursive: true, force: true }));
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const { kubeconfig, stop } = await startControlPlane(await ensureBinaries(), undefined, logFolder);
    undo.push(stop);
    const api = await connect({ kubeconfig, variables: {} });
    undo.push(() => api.close());
    await installSidecarSets(api);
    await createNamespace(api, SYSTEM_NAMESPACE);
    console.log(JSON.stringify(await measure({ api, kubeconfig, atEnd: (step) => undo.push(step) })));
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** Settles when pods can be created in it. */
export async function createNamespace(api: KubeApi, name: string): Promise<void> {
  await api.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const account = { group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", namespaced: true };
  await until(`the account of ${name} is there`, () => api.get(account, { namespace: name, name: "default" }));
}

async function installSidecarSets(api: KubeApi): Promise<void> {
  await api.create(CUSTOM_RESOURCE_DEFINITIONS, parse(readFileSync("deploy/crd.yaml", "utf8")) as KubeObject);
  await until("SidecarSets are served", () => api.list(SIDECAR_SETS));
}
