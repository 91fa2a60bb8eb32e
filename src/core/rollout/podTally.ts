import { OrderedQueue } from "./orderedQueue.ts";

/** Pods by what is said of them: how many there are of each, and the first few by name. A pod may stand under several labels. */
export class PodTally<Label extends string> {
  readonly #pods = new Map<Label, OrderedQueue<string>>();

  /** Adds many at once, which is faster than one by one. Only for a new object. */
  fill(pods: ReadonlyMap<Label, readonly string[]>): void {
    for (const [label, keys] of pods) this.#pods.set(label, OrderedQueue.from(keys, byName));
  }

  add(label: Label, key: string): void {
    const known = this.#pods.get(label);
    if (known) known.add(key);
    else this.#pods.set(label, OrderedQueue.from([key], byName));
  }

  delete(label: Label, key: string): void {
    const pods = this.#pods.get(label);
    pods?.delete(key);
    if (pods?.size === 0) this.#pods.delete(label);
  }

  labels(): Iterable<Label> {
    return this.#pods.keys();
  }

  count(label: Label): number {
    return this.#pods.get(label)?.size ?? 0;
  }

  first(label: Label, most: number): readonly string[] {
    const names: string[] = [];
    for (const key of this.#pods.get(label) ?? []) {
      if (names.length >= most) break;
      names.push(key);
    }
    return names;
  }
}

function byName(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
