import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import { NAMESPACES, type ResourceType } from "../../cluster/resource.ts";
import type { KubeObject, Namespace } from "../../core/kube/object.ts";
import { isDeleting, keyOf, nameOf, nameOfKey } from "./objectKey.ts";
import { startWorkQueue, type WorkQueue } from "./workQueue.ts";

export interface NamespaceControllerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly namespaces: LocalCopy<Namespace>;
  /** All kinds that live in namespaces, as they are at the moment. */
  readonly kinds: () => readonly ResourceType[];
}

const FINALIZER = "kubernetes";
/** Pods take a moment to end; nothing tells that the last object of a namespace is gone. */
const LOOK_AGAIN_MS = 500;

/** Empties a namespace that is being deleted, then lets it go. */
export function startNamespaceController(options: NamespaceControllerOptions): void {
  const { environment, signal, namespaces } = options;
  const work = async (key: string): Promise<void> => {
    const namespace = namespaces.get(nameOfKey(key));
    if (namespace && isDeleting(namespace)) await empty(namespace, options, queue);
  };
  const queue = startWorkQueue({ environment, signal, name: "the namespace controller", work });
  namespaces.subscribe((change) => {
    if (change.type !== "deleted" && isDeleting(change.object)) queue.add(keyOf(change.object));
  });
  for (const namespace of namespaces.values()) if (isDeleting(namespace)) queue.add(keyOf(namespace));
}

async function empty(
  namespace: Namespace,
  { cluster, kinds }: NamespaceControllerOptions,
  queue: WorkQueue,
): Promise<void> {
  const name = namespace.metadata.name ?? "";
  const left = await Promise.all(kinds().map((type) => deleteAll(type, name, cluster)));
  if (left.some((count) => count > 0)) return queue.addAfter(keyOf(namespace), LOOK_AGAIN_MS);
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  try {
    await cluster.update(
      NAMESPACES,
      { ...namespace, spec: { ...namespace.spec, finalizers } },
      { subresource: "finalize" },
    );
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
  }
}

/** @returns how many were there; they are gone, or going */
async function deleteAll(type: ResourceType, namespace: string, cluster: Cluster): Promise<number> {
  const { items } = await cluster.list<KubeObject>(type, { namespace });
  const staying = items.filter((object) => !isDeleting(object));
  await Promise.all(
    staying.map(async (object) => {
      try {
        await cluster.delete(type, nameOf(object), { propagationPolicy: "Background" });
      } catch (error) {
        if (!isClusterError(error, "notFound", "conflict")) throw error;
      }
    }),
  );
  return items.length;
}
