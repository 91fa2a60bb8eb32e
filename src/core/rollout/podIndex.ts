import type { PodName } from "../pod/podRecord.ts";

/** What is kept of a pod says which one it is. */
interface OfPod {
  readonly pod: PodName;
}

/**
 * What is kept of each pod, found by namespace and name: no text has to be made and hashed to look a pod up. What is added at once is
 * indexed, a namespace at a time, when somebody looks for a pod there. Mutated in place, for speed.
 */
export class PodIndex<T extends OfPod> {
  readonly #namespaces = new Map<string, Pods<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ namespace, name }: PodName): T | undefined {
    const pods = this.#namespaces.get(namespace);
    return pods && indexed(pods).get(name);
  }

  /** Of a pod that is not there. */
  add(value: T): void {
    this.#podsOf(value.pod.namespace).unindexed.push(value);
    this.#size++;
  }

  set(value: T): void {
    const { namespace, name } = value.pod;
    const pods = indexed(this.#podsOf(namespace));
    this.#size -= pods.size;
    pods.set(name, value);
    this.#size += pods.size;
  }

  /** @returns whether there was something */
  delete({ namespace, name }: PodName): boolean {
    const known = this.#namespaces.get(namespace);
    const pods = known && indexed(known);
    if (!pods?.delete(name)) return false;
    this.#size--;
    if (pods.size === 0) this.#namespaces.delete(namespace);
    return true;
  }

  *values(): IterableIterator<T> {
    for (const { byName, unindexed } of this.#namespaces.values()) {
      yield* byName.values();
      yield* unindexed;
    }
  }

  #podsOf(namespace: string): Pods<T> {
    const known = this.#namespaces.get(namespace);
    if (known) return known;
    const pods: Pods<T> = { byName: new Map(), unindexed: [] };
    this.#namespaces.set(namespace, pods);
    return pods;
  }
}

/** Those of one namespace. */
interface Pods<T> {
  readonly byName: Map<string, T>;
  /** Those added since somebody looked. */
  unindexed: T[];
}

function indexed<T extends OfPod>(pods: Pods<T>): Map<string, T> {
  const { byName, unindexed } = pods;
  if (unindexed.length === 0) return byName;
  for (const value of unindexed) byName.set(value.pod.name, value);
  pods.unindexed = [];
  return byName;
}
