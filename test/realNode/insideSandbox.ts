import { connect } from "../../src/kubeapi/connect.ts";
import { startControlPlane } from "../realCluster/controlPlane.ts";
import { runVitest } from "../runVitest.ts";
import { serveKubernetesService } from "./kubernetesService.ts";
import { startContainerd, startKubelet } from "./node.ts";
import { ensureNodePrograms } from "./programs.ts";
import { LOGS, NODE_ADDRESS, OWN_IMAGES } from "./sandbox.ts";

/** It calls the endpoints of Services, and kubelets by their address: there is neither kube-proxy nor a name server. */
const API_SERVER_FLAGS = ["--enable-aggregator-routing=true", "--kubelet-preferred-address-types=InternalIP"];

/** Starts a cluster of one real node, runs the tests against it, and leaves the rest to the end of the sandbox. */
async function main(filters: readonly string[]): Promise<number> {
  const startedAt = Date.now();
  const told = (what: string): void => console.log(`${what} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  const programs = await ensureNodePrograms();
  const [logFolder, ownImages] = [LOGS, OWN_IMAGES].map(fromOutside) as [string, string];
  const site = { address: NODE_ADDRESS, realNodes: true, apiServerFlags: API_SERVER_FLAGS };
  const [controlPlane] = await Promise.all([
    startControlPlane(programs.controlPlane, site, logFolder),
    startContainerd({ programs, logFolder, ownImages }),
  ]);
  told("control plane and containerd ready");
  const { kubeconfig, kubeletKubeconfig, server } = controlPlane;
  await serveKubernetesService(new URL(server));
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

function fromOutside(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: start this by \`npm run test:node\``);
  return value;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  return 1;
});
// What still runs ends with us.
process.exit();
