import type { Cluster } from "../../cluster/cluster.ts";
import { CONTROLLER_REVISIONS } from "../../cluster/resource.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import { DEFAULT_SYSTEM_NAMESPACE, SIDECAR_SET_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import { byAge, ownRevisions } from "../../core/sidecarSet/pinnedRevision.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";

/** The stored revisions of a SidecarSet, the newest last. Rejects with a ClusterError. */
export async function revisionsOf(
  cluster: Pick<Cluster, "list">,
  set: SidecarSet,
  namespace: string,
): Promise<readonly ControllerRevision[]> {
  const labelSelector = `${SIDECAR_SET_NAME_LABEL}=${set.name}`;
  const { items } = await cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace, labelSelector });
  return ownRevisions(set, items).sort(byAge);
}

/** By its number or name. */
export function revisionNamed(
  flag: string,
  wanted: string,
  revisions: readonly ControllerRevision[],
): ControllerRevision {
  const found = revisions.find(({ revision, metadata }) => String(revision) === wanted || metadata.name === wanted);
  if (found) return found;
  const there = revisions.map(({ revision, metadata }) => `${revision} (${metadata.name})`).join(", ");
  throw new CommandError(`${flag} "${wanted}": there is no such revision; there are: ${there}`, EXIT.usage);
}

/** For a command that goes to the same revisions; none where they are in the usual namespace. */
export function systemNamespaceFlag(systemNamespace: string): readonly string[] {
  return systemNamespace === DEFAULT_SYSTEM_NAMESPACE ? [] : ["--system-namespace", systemNamespace];
}
