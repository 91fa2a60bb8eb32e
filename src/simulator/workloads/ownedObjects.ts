import type { LocalCopy } from "../../cluster/localCopy.ts";
import type { KubeObject } from "../../core/kube/object.ts";

/** The objects of one kind by the uid of each owner, so that nobody searches through all of them. */
export class OwnedObjects<T extends KubeObject> {
  readonly #byOwner = new Map<string, Map<string, T>>();

  constructor(copy: LocalCopy<T>) {
    for (const object of copy.values()) this.#add(object);
    copy.subscribe((change) => {
      if (change.type !== "added") this.#remove(change.old);
      if (change.type !== "deleted") this.#add(change.object);
    });
  }

  of(ownerUid: string): T[] {
    return [...(this.#byOwner.get(ownerUid)?.values() ?? [])];
  }

  #add(object: T): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = this.#byOwner.get(uid) ?? new Map<string, T>();
      owned.set(object.metadata.uid ?? "", object);
      this.#byOwner.set(uid, owned);
    }
  }

  #remove(object: T): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = this.#byOwner.get(uid);
      owned?.delete(object.metadata.uid ?? "");
      if (owned?.size === 0) this.#byOwner.delete(uid);
    }
  }
}
