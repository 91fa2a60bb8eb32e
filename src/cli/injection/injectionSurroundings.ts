import type { Labels } from "../../core/kube/labelSelector.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import { NAMESPACE_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../../core/sidecarSet/hash.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import type { Manifest } from "../manifests.ts";
import { readSidecarSets } from "../readSidecarSets.ts";
import type { LiveCluster } from "./liveCluster.ts";

/** What decides about pods besides the pods: from the files, and from a cluster where one is asked. */
export interface Surroundings {
  readonly sidecarSets: readonly KnownSidecarSet[];
  readonly revisions: readonly ControllerRevision[];
  labelsOf(namespace: string): Labels;
  /** Where files and cluster do not agree, for people. */
  readonly remarks: readonly string[];
}

export interface KnownSidecarSet {
  readonly set: SidecarSet;
  /** The file, or "cluster". */
  readonly source: string;
}

interface Known {
  /** Files' SidecarSets, and Namespaces. */
  readonly sidecarSets: readonly Manifest[];
  readonly namespaces: readonly Manifest[];
  /** Where the pods live. */
  readonly podNamespaces: readonly string[];
  readonly live: LiveCluster | undefined;
}

/** A file wins over the cluster's object of the same name: it is what the cluster is about to get. */
export function surroundingsOf({ sidecarSets, namespaces, podNamespaces, live }: Known): Surroundings {
  const inCluster = new Map((live?.sidecarSets ?? []).map((each) => [each.set.name, each]));
  const read = readSidecarSets(sidecarSets, live);
  const fromFiles = read.map(({ set, source }) => ({ set: asStored(set, inCluster.get(set.name)?.set), source }));
  const names = new Set(fromFiles.map(({ set }) => set.name));
  const fromCluster = [...inCluster.values()]
    .filter(({ set }) => !names.has(set.name))
    .map(({ set }) => ({ set, source: "cluster" }));
  const labels = new Map<string, Labels>([
    ...(live?.namespaces ?? []),
    ...namespaces.map(({ object }) => [object.metadata.name ?? "", object.metadata.labels ?? {}] as const),
  ]);
  return {
    sidecarSets: [...fromFiles, ...fromCluster],
    revisions: live?.revisions ?? [],
    labelsOf: (namespace) => ({ ...labels.get(namespace), [NAMESPACE_NAME_LABEL]: namespace }),
    remarks: [
      ...(live?.remarks ?? []),
      ...fromFiles
        .filter(({ set }) => inCluster.has(set.name))
        .map(({ set, source }) => `SidecarSet ${set.name}: ${source} is used, not the one of the cluster`),
      ...(live === undefined ? [] : podNamespaces)
        .filter((namespace) => !labels.has(namespace))
        .map((namespace) => `namespace ${namespace} is not in the cluster yet: taken as one without labels of its own`),
    ],
  };
}

/** Where the template is the one that the cluster has, its latest revision is this one too. */
function asStored(set: SidecarSet, stored: SidecarSet | undefined): SidecarSet {
  if (stored === undefined) return set;
  const isSame = sidecarSetHashes(stored).hash === sidecarSetHashes(set).hash;
  const latestRevision = isSame ? stored.status.latestRevision : undefined;
  return { ...set, uid: stored.uid, createdAt: stored.createdAt, status: { ...set.status, latestRevision } };
}
