import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { sidecarSetReader } from "../../cluster/readSidecarSet.ts";
import { CONTROLLER_REVISIONS, NAMESPACES, SIDECAR_SETS } from "../../cluster/resource.ts";
import type { Labels } from "../../core/kube/labelSelector.ts";
import type { ControllerRevision, KubeObject } from "../../core/kube/object.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";

/** What of a running cluster decides about new pods. */
export interface LiveCluster {
  readonly sidecarSets: readonly LiveSidecarSet[];
  readonly revisions: readonly ControllerRevision[];
  /** Namespace → its labels; those that do not exist are not here. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** What could not be read, for people. */
  readonly remarks: readonly string[];
}

interface LiveSidecarSet {
  readonly set: SidecarSet;
  /** As the cluster has it. */
  readonly object: KubeObject;
}

/** Only reads. Rejects with a ClusterError. */
export async function readLiveCluster(
  cluster: Cluster,
  wanted: { readonly systemNamespace: string; readonly namespaces: readonly string[] },
): Promise<LiveCluster> {
  const [{ items }, revisions, namespaces] = await Promise.all([
    cluster.list(SIDECAR_SETS),
    cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace: wanted.systemNamespace }),
    Promise.all(wanted.namespaces.map((name) => labelsOf(cluster, name))),
  ]);
  const remarks: string[] = [];
  const read = sidecarSetReader((_level, message, fields) => {
    remarks.push(
      `SidecarSet ${String(fields?.sidecarset)} of the cluster is left out: ${message}: ${String(fields?.errors)}`,
    );
  });
  return {
    sidecarSets: items.flatMap((object) => {
      const set = read(object);
      return set === undefined ? [] : [{ set, object }];
    }),
    revisions: revisions.items,
    namespaces: new Map(namespaces.flat()),
    remarks,
  };
}

async function labelsOf(cluster: Cluster, name: string): Promise<[string, Labels][]> {
  try {
    const { metadata } = await cluster.get(NAMESPACES, { name });
    return [[name, metadata.labels ?? {}]];
  } catch (error) {
    if (isClusterError(error, "notFound")) return [];
    throw error;
  }
}
