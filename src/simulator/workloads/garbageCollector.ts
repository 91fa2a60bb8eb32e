import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import { apiVersionOf, type ResourceType } from "../../cluster/resource.ts";
import type { KubeObject, OwnerReference } from "../../core/kube/object.ts";
import { isDeleting, nameOf } from "./objectKey.ts";
import { startWorkQueue, type WorkQueue } from "./workQueue.ts";

interface CollectedKind {
  readonly type: ResourceType;
  readonly copy: LocalCopy<KubeObject>;
}

export interface GarbageCollectorOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** The kinds that own or are owned. */
  readonly kinds: readonly CollectedKind[];
}

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

/**
 * Deletes what has lost its owners, and carries out what a deletion asked for: `Foreground` waits for the dependents, `Orphan`
 * sets them free. An owner of a kind that is not in `kinds` is believed to exist.
 */
export function startGarbageCollector(options: GarbageCollectorOptions): void {
  const { environment, signal, kinds } = options;
  const collector = new GarbageCollector(options);
  const queue = startWorkQueue({
    environment,
    signal,
    name: "the garbage collector",
    work: (uid) => collector.look(uid),
  });
  collector.queue = queue;
  for (const kind of kinds) {
    for (const object of kind.copy.values()) collector.add(kind, object);
    kind.copy.subscribe((change) => {
      if (change.type !== "added") collector.remove(change.old, change.type === "deleted");
      if (change.type !== "deleted") collector.add(kind, change.object);
    });
  }
}

class GarbageCollector {
  queue: WorkQueue | undefined;
  readonly #options: GarbageCollectorOptions;
  readonly #objects = new Map<string, { readonly kind: CollectedKind; readonly object: KubeObject }>();
  readonly #dependents = new Map<string, Set<string>>();

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
  }

  add(kind: CollectedKind, object: KubeObject): void {
    const { uid = "", ownerReferences = [], finalizers = [] } = object.metadata;
    this.#objects.set(uid, { kind, object });
    for (const owner of ownerReferences) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(uid));
    }
    const deletionAsks = isDeleting(object) && (finalizers.includes(ORPHAN) || finalizers.includes(FOREGROUND));
    if (deletionAsks || ownerReferences.length > 0) this.queue?.add(uid);
  }

  remove(object: KubeObject, gone: boolean): void {
    const { uid = "", ownerReferences = [] } = object.metadata;
    for (const owner of ownerReferences) {
      this.#dependents.get(owner.uid)?.delete(uid);
      if (this.#dependents.get(owner.uid)?.size === 0) this.#dependents.delete(owner.uid);
      // An owner that waits for its dependents may go now.
      if (gone && this.#objects.has(owner.uid)) this.queue?.add(owner.uid);
    }
    if (!gone) return;
    this.#objects.delete(uid);
    for (const dependent of this.#dependents.get(uid) ?? []) this.queue?.add(dependent);
  }

  async look(uid: string): Promise<void> {
    const known = this.#objects.get(uid);
    if (!known || !this.#options.kinds.every(({ copy }) => copy.hasSynced())) return;
    const { finalizers = [], ownerReferences = [] } = known.object.metadata;
    if (isDeleting(known.object)) {
      if (finalizers.includes(ORPHAN)) await this.#orphan(uid);
      else if (finalizers.includes(FOREGROUND)) await this.#deleteDependents(uid);
      return;
    }
    if (ownerReferences.length === 0) return;
    const present = await Promise.all(ownerReferences.map((owner) => this.#exists(owner, known.object)));
    if (!present.includes(true)) await this.#delete(uid);
    else if (present.includes(false))
      await this.#keepOwners(
        uid,
        ownerReferences.filter((_, index) => present[index]),
      );
  }

  async #exists(owner: OwnerReference, dependent: KubeObject): Promise<boolean> {
    if (this.#objects.has(owner.uid)) return true;
    const kind = this.#options.kinds.find(
      ({ type }) => apiVersionOf(type) === owner.apiVersion && type.kind === owner.kind,
    );
    if (!kind) return true;
    const { namespace } = dependent.metadata;
    const name =
      kind.type.namespaced && namespace !== undefined ? { namespace, name: owner.name } : { name: owner.name };
    try {
      // The copy may lag behind: only the server knows that somebody is gone.
      return (await this.#options.cluster.get(kind.type, name)).metadata.uid === owner.uid;
    } catch (error) {
      if (isClusterError(error, "notFound")) return false;
      throw error;
    }
  }

  async #deleteDependents(uid: string): Promise<void> {
    const dependents = [...(this.#dependents.get(uid) ?? [])];
    const blocking = dependents.filter((dependent) =>
      this.#objects
        .get(dependent)
        ?.object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
    await Promise.all(dependents.map((dependent) => this.#delete(dependent, "Foreground")));
    if (blocking.length === 0) await this.#dropFinalizer(uid, FOREGROUND);
  }

  async #orphan(uid: string): Promise<void> {
    const dependents = [...(this.#dependents.get(uid) ?? [])];
    await Promise.all(
      dependents.map(async (dependent) => {
        const owners = this.#objects.get(dependent)?.object.metadata.ownerReferences ?? [];
        await this.#keepOwners(
          dependent,
          owners.filter((owner) => owner.uid !== uid),
        );
      }),
    );
    await this.#dropFinalizer(uid, ORPHAN);
  }

  /** Takes all other owners off the object. */
  async #keepOwners(uid: string, owners: readonly OwnerReference[]): Promise<void> {
    const { kind, object } = this.#objects.get(uid)!;
    const { resourceVersion } = object.metadata;
    const ownerReferences = owners.length > 0 ? owners.map((owner) => ({ ...owner })) : null;
    const patch = { metadata: { resourceVersion, ownerReferences } };
    await this.#options.cluster.patch(kind.type, nameOf(object), { type: "merge", patch });
  }

  async #delete(uid: string, propagationPolicy: "Background" | "Foreground" = "Background"): Promise<void> {
    const known = this.#objects.get(uid);
    if (!known || isDeleting(known.object)) return;
    try {
      await this.#options.cluster.delete(known.kind.type, nameOf(known.object), {
        propagationPolicy,
        preconditions: { uid },
      });
    } catch (error) {
      if (!isClusterError(error, "notFound", "conflict")) throw error;
    }
  }

  async #dropFinalizer(uid: string, finalizer: string): Promise<void> {
    const known = this.#objects.get(uid);
    if (!known) return;
    const { resourceVersion, finalizers = [] } = known.object.metadata;
    const patch = { metadata: { resourceVersion, finalizers: finalizers.filter((one) => one !== finalizer) } };
    try {
      await this.#options.cluster.patch(known.kind.type, nameOf(known.object), { type: "merge", patch });
    } catch (error) {
      if (!isClusterError(error, "notFound")) throw error;
    }
  }
}
