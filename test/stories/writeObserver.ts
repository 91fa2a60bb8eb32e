import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { HASH_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";

/** By which name a sidecar of a hot upgrade is empty, and which are its two containers. */
export interface HotPair {
  readonly containers: readonly [string, string];
  readonly emptyImage: string;
}

/**
 * Follows what is written into pods, beside their status: that no pod is written twice for one revision, and for hot upgrades, whose
 * images say little to others, that no more pods than allowed are between two versions or not ready when a further one is begun.
 */
export class WriteObserver {
  readonly violations: string[] = [];
  readonly #pods = new Map<string, Pod>();
  readonly #written = new Set<string>();
  #limit = Number.POSITIVE_INFINITY;
  readonly #pair: HotPair | undefined;

  constructor(copy: LocalCopy<Pod>, pair?: HotPair) {
    this.#pair = pair;
    copy.subscribe((change) => {
      if (change.type === "deleted") return void this.#pods.delete(change.old.metadata.name ?? "");
      const { name = "" } = change.object.metadata;
      const before = this.#pods.get(name);
      this.#pods.set(name, change.object);
      if (before) this.#see(before, change.object);
    });
  }

  /** From here on another rollout is judged. */
  expect(limit: number): void {
    this.#limit = limit;
    this.#written.clear();
  }

  /** Pods in which every container of the sidecar is where an upgrade to this image leaves it. */
  upgradedTo(image: string): number {
    return [...this.#pods.values()].filter((pod) => isReady(pod) && this.#isSettledAt(pod, image)).length;
  }

  #see(before: Pod, pod: Pod): void {
    if (writtenPart(before) === writtenPart(pod)) return;
    const { name = "", annotations = {} } = pod.metadata;
    const now = `${name} ${imagesOf(pod).join()} ${annotations[HASH_ANNOTATION]}`;
    if (this.#written.has(now)) this.violations.push(`written again: ${now}`);
    this.#written.add(now);
    if (!this.#isHalfWay(pod) || this.#isHalfWay(before)) return;
    const busy = [...this.#pods.values()].filter((one) => !isReady(one) || this.#isHalfWay(one)).length;
    if (busy > this.#limit) this.violations.push(`${name}: a hot upgrade begins as number ${busy} of ${this.#limit}`);
  }

  #isHalfWay(pod: Pod): boolean {
    return this.#pair !== undefined && !this.#imagesOfPair(pod).includes(this.#pair.emptyImage);
  }

  #isSettledAt(pod: Pod, image: string): boolean {
    const images = this.#imagesOfPair(pod);
    return images.includes(image) && images.includes(this.#pair?.emptyImage ?? "");
  }

  #imagesOfPair({ spec }: Pod): readonly (string | undefined)[] {
    return (this.#pair?.containers ?? []).map((name) => spec.containers.find((one) => one.name === name)?.image);
  }
}

/** Kubelets write the status alone. */
function writtenPart({ metadata: { annotations, labels }, spec }: Pod): string {
  return JSON.stringify([annotations, labels, spec]);
}

function imagesOf({ spec }: Pod): readonly (string | undefined)[] {
  return spec.containers.map(({ image }) => image);
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
}
