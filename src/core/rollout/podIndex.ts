import type { PodName } from "../pod/podRecord.ts";

/** What is kept of each pod, found by namespace and name: no text has to be made and hashed to look a pod up. */
export class PodIndex<T> {
  readonly #namespaces = new Map<string, Map<string, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ namespace, name }: PodName): T | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  set({ namespace, name }: PodName, value: T): void {
    let pods = this.#namespaces.get(namespace);
    if (!pods) {
      pods = new Map();
      this.#namespaces.set(namespace, pods);
    }
    this.#size -= pods.size;
    pods.set(name, value);
    this.#size += pods.size;
  }

  /** @returns whether there was something */
  delete({ namespace, name }: PodName): boolean {
    const pods = this.#namespaces.get(namespace);
    if (!pods?.delete(name)) return false;
    this.#size--;
    if (pods.size === 0) this.#namespaces.delete(namespace);
    return true;
  }

  *values(): IterableIterator<T> {
    for (const pods of this.#namespaces.values()) yield* pods.values();
  }
}
