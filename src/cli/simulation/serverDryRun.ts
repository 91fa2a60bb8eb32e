import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { SIDECAR_SETS } from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import type { PlanReport } from "./planReport.ts";

/**
 * What the API server and its admission say to a SidecarSet; nothing is stored.
 * @param stored what it replaces
 */
export async function serverDryRun(
  cluster: Cluster,
  object: KubeObject,
  stored: KubeObject | undefined,
): Promise<NonNullable<PlanReport["serverDryRun"]>> {
  // The file's own version: the server converts.
  const type = { ...SIDECAR_SETS, version: object.apiVersion.split("/")[1] ?? SIDECAR_SETS.version };
  try {
    if (!stored) await cluster.create(type, object, { dryRun: true });
    else {
      const { resourceVersion, uid } = stored.metadata;
      const metadata = { ...object.metadata, ...(resourceVersion && { resourceVersion }), ...(uid && { uid }) };
      await cluster.update(type, { ...object, metadata }, { dryRun: true });
    }
    return { result: "accepted" };
  } catch (error) {
    if (!isClusterError(error, "forbidden", "invalid", "badRequest", "conflict", "unknown")) throw error;
    const isAnswer = !isClusterError(error, "forbidden") || error.message.includes("admission webhook");
    return { result: isAnswer ? "refused" : "notAsked", message: error.message };
  }
}
