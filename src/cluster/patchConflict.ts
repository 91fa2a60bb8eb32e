import type { Patch } from "./cluster.ts";
import { ClusterError, isClusterError } from "./clusterError.ts";

const NOT_APPLIED = "the JSON patch does not apply to the object as it is now: a test failed, or a path is not there";

/**
 * An API server answers a JSON patch that does not apply like an invalid object, only without naming it or a cause. The patch was made
 * from a state that was read before, so to the port this is a conflict; every other error is returned as it is.
 */
export function patchFailure(patch: Patch, error: unknown): unknown {
  if (patch.type !== "json" || !isClusterError(error, "invalid")) return error;
  const { status } = error;
  if (status?.details?.name !== undefined || status?.details?.causes !== undefined) return error;
  return new ClusterError("conflict", NOT_APPLIED, status ? { status } : {});
}
