import type { PodRecord } from "../pod/podRecord.ts";
import { byName } from "./order.ts";
import { OrderedQueue, type Ordering } from "./orderedQueue.ts";

/** Pods by what is said of them: how many there are of each, and the first few by name. A pod may stand under several labels. */
export class PodTally<Label extends string, P extends { readonly pod: PodRecord }> {
  readonly #pods = new Map<Label, OrderedQueue<P>>();

  add(label: Label, pod: P): void {
    let pods = this.#pods.get(label);
    if (!pods) {
      pods = new OrderedQueue<P>(BY_NAME);
      this.#pods.set(label, pods);
    }
    pods.add(pod);
  }

  delete(label: Label, pod: P): void {
    const pods = this.#pods.get(label);
    pods?.delete(pod);
    if (pods?.size === 0) this.#pods.delete(label);
  }

  labels(): Iterable<Label> {
    return this.#pods.keys();
  }

  count(label: Label): number {
    return this.#pods.get(label)?.size ?? 0;
  }

  first(label: Label, most: number): readonly P[] {
    const first: P[] = [];
    for (const pod of this.#pods.get(label) ?? []) {
      if (first.length >= most) break;
      first.push(pod);
    }
    return first;
  }
}

const BY_NAME: Ordering<{ readonly pod: PodRecord }> = { compare: (one, other) => byName(one.pod, other.pod) };
