import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import type { Pod } from "../../src/core/kube/pod.ts";

/** A pod as somebody sees it who only watches the API and knows nothing of our records. */
export interface SeenPod {
  readonly name: string;
  readonly uid: string;
  /** The sidecar's image in the spec. */
  readonly image: string | undefined;
  readonly ready: boolean;
  /** It is one of the set's pods, and neither finished nor on its way out. */
  readonly counts: boolean;
  readonly finished: boolean;
  /** An image was written and no new container has been seen since, in a status about that write. */
  readonly restarting: boolean;
  readonly containerId: string | undefined;
  /** Container of the sidecar, and generation, at the last change of its image. */
  readonly before: { readonly containerId: string | undefined; readonly generation: number } | undefined;
  readonly appContainerId: string | undefined;
}

export interface Limits {
  readonly maxUnavailable?: number;
  /** At least so many pods keep another image than the newest. */
  readonly kept?: number;
  /** No pod comes, goes or is made again. */
  readonly samePods?: boolean;
}

/** Follows every change of every pod and notes what must never happen. */
export class RolloutObserver {
  readonly violations: string[] = [];
  changes = 0;
  mostUnavailable = 0;
  /** Changes of the sidecar's image in a pod, since the last `expect`. */
  imageWrites = 0;
  #limits: Limits = {};
  #image = "logtail:1.0.0";
  #checking = false;
  readonly #sidecar: string;
  readonly #pods = new Map<string, SeenPod>();

  readonly #isSelected: (pod: Pod) => boolean;

  constructor(copy: LocalCopy<Pod>, sidecar: string, isSelected: (pod: Pod) => boolean = () => true) {
    this.#sidecar = sidecar;
    this.#isSelected = isSelected;
    copy.subscribe((change) => {
      this.changes++;
      if (change.type === "deleted") this.#lose(change.old);
      else this.#see(change.object);
      this.#check();
    });
  }

  /** From here on no app container may restart, and the limits hold at every step. */
  expect(limits: Limits): void {
    this.#checking = true;
    this.#limits = limits;
    this.mostUnavailable = 0;
    this.imageWrites = 0;
  }

  expectImage(image: string): void {
    this.#image = image;
  }

  get size(): number {
    return this.#pods.size;
  }

  pods(): Iterable<SeenPod> {
    return this.#pods.values();
  }

  withImage(image: string): readonly SeenPod[] {
    return [...this.#pods.values()].filter((pod) => pod.image === image);
  }

  get unavailable(): readonly SeenPod[] {
    return [...this.#pods.values()].filter((pod) => !pod.ready || pod.restarting);
  }

  #lose({ metadata: { name = "" } }: Pod): void {
    this.#pods.delete(name);
    if (this.#checking && this.#limits.samePods) this.violations.push(`${name}: the pod is gone`);
  }

  #see(pod: Pod): void {
    const { name = "", uid = "", generation = 0 } = pod.metadata;
    const known = this.#pods.get(name);
    const before = known?.uid === uid ? known : undefined;
    const image = pod.spec.containers.find((container) => container.name === this.#sidecar)?.image;
    const statusOf = (container: string) => pod.status?.containerStatuses?.find((status) => status.name === container);
    const containerId = statusOf(this.#sidecar)?.containerID;
    const written = before !== undefined && before.image !== image;
    const change = written ? { containerId: before.containerId, generation } : before?.before;
    const seen: SeenPod = {
      name,
      uid,
      image,
      ready: pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
      finished: isFinished(pod),
      counts: this.#isSelected(pod) && !pod.metadata.deletionTimestamp && !isFinished(pod),
      containerId,
      before: change,
      restarting:
        change !== undefined &&
        (change.containerId === containerId || (pod.status?.observedGeneration ?? 0) < change.generation),
      appContainerId: statusOf("app")?.containerID,
    };
    this.#pods.set(name, seen);
    if (!this.#checking) return;
    if (!before) {
      if (this.#limits.samePods) this.violations.push(`${name}: the pod is new`);
      return;
    }
    if (written) this.imageWrites++;
    const restarted = before.appContainerId !== undefined && before.appContainerId !== seen.appContainerId;
    if (restarted) this.violations.push(`${name}: the app container restarted`);
    const inFlight = this.unavailable.filter((one) => one.counts && one.image === this.#image).length;
    const limit = this.#limits.maxUnavailable ?? Number.POSITIVE_INFINITY;
    if (written && before.ready && !before.restarting && inFlight > limit) {
      this.violations.push(`${name}: a ready pod was touched as number ${inFlight} of ${limit}`);
    }
  }

  #check(): void {
    this.mostUnavailable = Math.max(this.mostUnavailable, this.unavailable.length);
    const old = this.#pods.size - this.withImage(this.#image).length;
    if (this.#checking && old < (this.#limits.kept ?? 0)) this.violations.push(`only ${old} pods keep the old image`);
  }
}

function isFinished({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
