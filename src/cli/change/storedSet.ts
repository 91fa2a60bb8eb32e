import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { SIDECAR_SETS } from "../../cluster/resource.ts";
import { isJsonObject, type JsonObject, type KubeObject } from "../../core/kube/object.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { CommandError } from "../exitCode.ts";
import { didYouMean } from "../nearestName.ts";

/** A SidecarSet of the cluster. */
export interface StoredSet {
  readonly set: SidecarSet;
  /** As it is stored, before defaults. */
  readonly object: KubeObject;
  readonly spec: JsonObject;
}

/** Rejects with a CommandError that names one that is near, when there is none of that name. */
export async function storedSet(cluster: Pick<Cluster, "get" | "list">, name: string): Promise<StoredSet> {
  const object = await cluster.get(SIDECAR_SETS, { name }).catch(async (error: unknown) => {
    if (!isClusterError(error, "notFound")) throw error;
    const { items } = await cluster.list(SIDECAR_SETS).catch(() => ({ items: [] }));
    const names = items.map(({ metadata }) => metadata.name ?? "");
    throw new CommandError(`there is no SidecarSet "${name}"${didYouMean(name, names)}`);
  });
  return asStored(object);
}

/** Rejects an object that no manager can read either. */
export function asStored(object: KubeObject): StoredSet {
  const set = parseSidecarSet(object);
  if (!set.ok) {
    const problems = set.error.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
    throw new CommandError(`SidecarSet "${object.metadata.name}" cannot be read: ${problems}`);
  }
  const { spec } = object as { readonly spec?: unknown };
  return { set: set.value, object, spec: isJsonObject(spec) ? spec : {} };
}
