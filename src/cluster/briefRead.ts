import type { KubeObject } from "../core/kube/object.ts";
import type { Cluster, ObjectName } from "./cluster.ts";
import { isClusterError } from "./clusterError.ts";
import type { Clock } from "./environment.ts";
import type { ResourceType } from "./resource.ts";
import { withinTime } from "./withinTime.ts";

/** How admission asks the cluster itself for the little that no local copy holds. */
export interface BriefReader {
  readonly cluster: Pick<Cluster, "get">;
  readonly clock: Clock;
}

const LONGEST_MS = 1_000;

/**
 * One object, or undefined when there is none of that name. Somebody waits for an admission answer, so after a second it rejects with
 * a ClusterError (`unavailable`), as it does with every other failure.
 */
export async function readBriefly<T extends KubeObject>(
  type: ResourceType,
  name: ObjectName,
  { cluster, clock }: BriefReader,
): Promise<T | undefined> {
  try {
    return await withinTime(cluster.get<T>(type, name), LONGEST_MS, { clock, what: `reading the ${type.kind}` });
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}
