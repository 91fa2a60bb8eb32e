import { connect } from "../../src/kubeapi/connect.ts";
import { startControlPlane } from "../realCluster/controlPlane.ts";
import { runVitest } from "../runVitest.ts";
import { startContainerd, startKubelet } from "./node.ts";
import { ensureNodePrograms } from "./programs.ts";
import { LOGS, NODE_ADDRESS } from "./sandbox.ts";

/** Starts a cluster of one real node, runs the tests against it, and leaves the rest to the end of the sandbox. */
async function main(filters: readonly string[]): Promise<number> {
  const startedAt = Date.now();
  const told = (what: string): void => console.log(`${what} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  const programs = await ensureNodePrograms();
  const logFolder = process.env[LOGS];
  if (!logFolder) throw new Error(`${LOGS} is not set: start this by \`npm run test:node\``);
  const site = { address: NODE_ADDRESS, realNodes: true };
  const [controlPlane] = await Promise.all([
    startControlPlane(programs.controlPlane, site, logFolder),
    startContainerd({ programs, logFolder }),
  ]);
  told("control plane and containerd ready");
  const { kubeconfig, kubeletKubeconfig } = controlPlane;
  const cluster = await connect({ kubeconfig, variables: {} });
  await startKubelet({ programs, address: NODE_ADDRESS, kubeconfig: kubeletKubeconfig, logFolder }, cluster);
  await cluster.close();
  told("node ready");
  console.log(`logs of the node, kept after a failure: ${logFolder}`);
  return runVitest("vitest.node.config.ts", filters, {
    REAL_CLUSTER_KUBECONFIG: kubeconfig,
    REAL_CLUSTER_KUBECTL: controlPlane.kubectl,
  });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  return 1;
});
// What still runs ends with us.
process.exit();
