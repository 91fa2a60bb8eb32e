import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { CONFIG_MAPS, NAMESPACES, PODS } from "../../cluster/resource.ts";
import { parsePod } from "../../core/injection/parsePod.ts";
import type { Labels } from "../../core/kube/labelSelector.ts";
import type { ControllerRevision, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { type PodRecord, podRecord } from "../../core/pod/podRecord.ts";
import { NAMESPACE_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import { NOTHING_STOPPED, STOP_SWITCHES, type StopSwitches, stopSwitches } from "../../core/sidecarSet/stopSwitches.ts";
import { type LiveCluster, readLiveCluster } from "../injection/liveCluster.ts";
import { asManifest, type LocatedObject, placed } from "../manifests.ts";
import { isSidecarSet } from "../validationReport.ts";

/** All that a rollout depends on, of a running cluster or of one that somebody wrote down. */
export interface ClusterState extends LiveCluster {
  readonly pods: readonly PodRecord[];
  readonly switches: StopSwitches;
}

/** Only reads. Rejects with a ClusterError. */
export async function readClusterState(cluster: Cluster, systemNamespace: string): Promise<ClusterState> {
  const [live, namespaces, pods, switches] = await Promise.all([
    readLiveCluster(cluster, { systemNamespace, namespaces: [] }),
    cluster.list(NAMESPACES),
    cluster.list<Pod>(PODS, { sparse: true }),
    readSwitches(cluster, systemNamespace),
  ]);
  return {
    ...live,
    namespaces: labelsByName(namespaces.items),
    pods: pods.items.map(podRecord),
    switches: switches ?? NOTHING_STOPPED,
    remarks: [
      ...live.remarks,
      ...(switches ? [] : [`whether all updates are stopped is not known: we may not read ConfigMap ${STOP_SWITCHES}`]),
    ],
  };
}

/** @returns undefined when we may not look */
async function readSwitches(cluster: Cluster, namespace: string): Promise<StopSwitches | undefined> {
  try {
    return stopSwitches(await cluster.get(CONFIG_MAPS, { namespace, name: STOP_SWITCHES }));
  } catch (error) {
    if (isClusterError(error, "notFound")) return NOTHING_STOPPED;
    if (isClusterError(error, "forbidden")) return undefined;
    throw error;
  }
}

/** Pods, Namespaces, ControllerRevisions and SidecarSets of what `kubectl get -o yaml` printed; what cannot be read is told. */
export function snapshotState(objects: readonly LocatedObject[]): ClusterState {
  const remarks: string[] = [];
  const leftOut = (located: LocatedObject, why: string): never[] => {
    remarks.push(
      `${placed({ source: located.source, position: located.position("") })}: ${located.object.kind} left out: ${why}`,
    );
    return [];
  };
  const ofKind = (kind: string) => objects.filter(({ object }) => object.kind === kind).map(asManifest);
  const pods = ofKind("Pod").flatMap((located) => {
    const pod = parsePod(located.object);
    return pod.ok ? [podRecord(pod.value)] : leftOut(located, `${pod.error[0]?.field}: ${pod.error[0]?.detail}`);
  });
  const sidecarSets = objects
    .filter(isSidecarSet)
    .map(asManifest)
    .flatMap((located) => {
      const set = parseSidecarSet(located.object);
      if (!set.ok) return leftOut(located, `${set.error[0]?.field}: ${set.error[0]?.detail}`);
      return [{ set: set.value, object: located.object }];
    });
  const switches = ofKind("ConfigMap").find(({ object }) => object.metadata.name === STOP_SWITCHES);
  const namespaces = labelsByName(ofKind("Namespace").map(({ object }) => object));
  const unknown = [...new Set(pods.map(({ namespace }) => namespace))].filter((name) => !namespaces.has(name));
  return {
    pods,
    sidecarSets,
    switches: switches ? stopSwitches(switches.object) : NOTHING_STOPPED,
    revisions: ofKind("ControllerRevision").map(({ object }) => object as unknown as ControllerRevision),
    namespaces: new Map([...namespaces, ...labelsByName(unknown.map(namespaceNamed))]),
    remarks: [
      ...remarks,
      ...(unknown.length > 0
        ? [`namespaces that the snapshot does not hold are taken as without labels: ${unknown.toSorted().join(", ")}`]
        : []),
    ],
  };
}

function labelsByName(namespaces: readonly KubeObject[]): ReadonlyMap<string, Labels> {
  return new Map(
    namespaces.map(({ metadata: { name = "", labels = {} } }) => [name, { ...labels, [NAMESPACE_NAME_LABEL]: name }]),
  );
}

function namespaceNamed(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}
