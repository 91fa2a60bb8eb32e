import { beforeAll } from "vitest";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import { MUTATING_WEBHOOKS, SIDECAR_SETS, VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import { connect } from "../../src/kubeapi/connect.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

// The files of a run share one control plane: none begins with the registration of a manager that has ended with the file before.
beforeAll(async () => {
  const cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  const unlessGone = (error: unknown): void => {
    if (!isClusterError(error, "notFound")) throw error;
  };
  try {
    await cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" }).catch(unlessGone);
    await cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" }).catch(unlessGone);
    const { items } = await cluster.list(SIDECAR_SETS).catch(() => ({ items: [] }));
    for (const { metadata } of items) await cluster.delete(SIDECAR_SETS, { name: metadata.name! }).catch(unlessGone);
  } finally {
    await cluster.close();
  }
});
