import type { Environment } from "../cluster/environment.ts";
import { labelsOf, type RolloutCopies } from "../cluster/gatherSnapshot.ts";
import { switchesIn } from "../cluster/switchCopy.ts";
import type { Labels } from "../core/kube/labelSelector.ts";
import { type PodName, type PodRecord, podKey } from "../core/pod/podRecord.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Stop } from "../core/sidecarSet/stopSwitches.ts";
import { OwnWrites } from "./ownWrites.ts";
import { UnansweredWrites } from "./unansweredWrites.ts";

export interface CurrentViewOptions {
  readonly copies: RolloutCopies;
  readonly environment: Environment;
  /** A write has not come back for minutes: the API server has to be asked what became of the pod. */
  readonly onPodLost: (key: string) => void;
  /** A write that counted will not be carried out. */
  readonly onReleased: (key: string) => void;
  /** Whether a write that counts has been carried out only the API server knows. */
  readonly onUnclear: (key: string) => void;
}

/** The cluster as it is now, as far as we can know: the local copies, with what we wrote, and are writing, laid over them. */
export class CurrentView {
  readonly writes: UnansweredWrites;
  readonly #copies: RolloutCopies;
  readonly #pods: OwnWrites<PodRecord>;
  readonly #sets: OwnWrites<SidecarSet>;

  constructor({ copies, environment: { clock, log }, onPodLost, ...told }: CurrentViewOptions) {
    const lost = (resource: string, name: string) =>
      log("warn", "a write has not come back on the watch", { resource, name });
    this.#copies = copies;
    this.writes = new UnansweredWrites({ clock, ...told });
    this.#pods = new OwnWrites({
      clock,
      onLost: (key) => {
        lost("pods", key);
        onPodLost(key);
      },
    });
    this.#sets = new OwnWrites({ clock, onLost: (name) => lost("sidecarsets", name) });
  }

  set(name: string): SidecarSet | undefined {
    return this.#sets.newest(name, this.#copies.sidecarSets.get({ name }));
  }

  /** The copy has got a set; what we wrote may be newer. */
  newestSet(copied: SidecarSet): SidecarSet {
    return this.#sets.newest(copied.name, copied) ?? copied;
  }

  noteSet(set: SidecarSet): void {
    this.#sets.note(set.name, set);
  }

  forgetSet(name: string): void {
    this.#sets.forget(name);
  }

  *pods(): Iterable<PodRecord> {
    for (const pod of this.#copies.pods.values()) yield this.#current(pod);
  }

  /** Undefined: there is none, or no more. */
  pod({ namespace, name }: PodName): PodRecord | undefined {
    const copied = this.#copies.pods.get({ namespace, name });
    return copied && this.#current(copied);
  }

  #current(copied: PodRecord): PodRecord {
    return this.writes.laidOver(this.#pods.newest(podKey(copied), copied) ?? copied);
  }

  /** @returns whether this is no older than what we wrote */
  isNews(copied: PodRecord): boolean {
    return this.#pods.newest(podKey(copied), copied) === copied;
  }

  notePod(pod: PodRecord): void {
    this.#pods.note(podKey(pod), pod);
  }

  forgetPod(key: string): void {
    this.writes.end(key);
    this.#pods.forget(key);
  }

  /** Undefined: there is no such namespace (yet). */
  namespaceLabels(name: string): Labels | undefined {
    const namespace = this.#copies.namespaces.get({ name });
    return namespace && labelsOf(namespace);
  }

  allNamespaceLabels(): ReadonlyMap<string, Labels> {
    const namespaces = [...this.#copies.namespaces.values()];
    return new Map(namespaces.map((namespace) => [namespace.metadata.name ?? "", labelsOf(namespace)]));
  }

  updatesStopped(): Stop | undefined {
    return switchesIn(this.#copies.switches).updates;
  }

  stop(): void {
    this.writes.stop();
    this.#pods.stop();
    this.#sets.stop();
  }
}
