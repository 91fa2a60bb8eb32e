import type { Labels } from "../core/kube/labelSelector.ts";
import type { ControllerRevision, Namespace } from "../core/kube/object.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Cluster } from "./cluster.ts";
import { ClusterError, isClusterError } from "./clusterError.ts";
import type { Clock } from "./environment.ts";
import type { LocalCopy } from "./informer.ts";
import { NAMESPACES } from "./resource.ts";

/** The local copies that admission reads. */
export interface InjectionCopies {
  /** Undefined stands for an object that cannot be read; it injects nothing. */
  readonly sidecarSets: LocalCopy<SidecarSet | undefined>;
  readonly namespaces: LocalCopy<Namespace>;
  /** Those of the system namespace. */
  readonly revisions: LocalCopy<ControllerRevision>;
}

/** All that injecting one pod depends on besides the pod. */
export interface GatheredInjection {
  readonly sidecarSets: readonly SidecarSet[];
  readonly revisions: readonly ControllerRevision[];
  /** Undefined: there is no such namespace. */
  readonly namespaceLabels: Labels | undefined;
}

/** How to ask the cluster itself for a namespace that is so new that the copy does not have it yet. */
export interface NamespaceReader {
  readonly cluster: Pick<Cluster, "get">;
  readonly clock: Clock;
}

const NAMESPACE_READ_MS = 1_000;

/**
 * Reads from the copies. The network is asked only for a namespace the copy does not know, and only when a SidecarSet looks at
 * namespaces. Rejects with a ClusterError when the answer cannot be known: taking that for "no match" would start pods without
 * their sidecars.
 */
export async function gatherInjection(
  copies: InjectionCopies,
  namespace: string,
  reader: NamespaceReader,
): Promise<GatheredInjection> {
  if (!haveSynced(copies)) {
    throw new ClusterError("unavailable", "the SidecarSets have not been read yet; try again in a moment");
  }
  const sidecarSets = [...copies.sidecarSets.values()].filter((set) => set !== undefined);
  const known = copies.namespaces.get({ name: namespace });
  const matters = sidecarSets.some(({ spec }) => spec.namespaceSelector !== undefined);
  const found = known ?? (matters ? await readNamespace(namespace, reader) : undefined);
  return {
    sidecarSets,
    revisions: sidecarSets.some(isPinned) ? [...copies.revisions.values()] : [],
    namespaceLabels: found && (found.metadata.labels ?? {}),
  };
}

export function haveSynced({ sidecarSets, namespaces, revisions }: InjectionCopies): boolean {
  return sidecarSets.hasSynced() && namespaces.hasSynced() && revisions.hasSynced();
}

function isPinned({ spec }: SidecarSet): boolean {
  return spec.injectionStrategy.revision !== undefined;
}

async function readNamespace(name: string, { cluster, clock }: NamespaceReader): Promise<Namespace | undefined> {
  try {
    return await withinTime(cluster.get<Namespace>(NAMESPACES, { name }), clock);
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}

function withinTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(NAMESPACE_READ_MS, () =>
      reject(new ClusterError("unavailable", `reading the namespace took more than ${NAMESPACE_READ_MS} ms`)),
    );
    answer.then(resolve, reject).finally(cancel);
  });
}
