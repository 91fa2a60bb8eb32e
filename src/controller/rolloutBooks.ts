import { SelectionIndex } from "../core/injection/selectionIndex.ts";
import type { Labels } from "../core/kube/labelSelector.ts";
import type { PodName, PodRecord } from "../core/pod/podRecord.ts";
import { openBook } from "../core/rollout/planRollout.ts";
import type { RolloutBook } from "../core/rollout/rolloutBook.ts";
import { canaryBaseOf } from "../core/sidecarSet/canary.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";

export interface BookSources {
  /** Every pod, our own writes included. */
  readonly pods: () => Iterable<PodRecord>;
  readonly namespaceLabels: () => ReadonlyMap<string, Labels>;
  /** Never injected; default none. */
  readonly excludedNamespaces?: readonly string[] | undefined;
}

/**
 * The books of all sets, kept in step with what changes in the cluster. Each method returns the names of the sets whose rollout it
 * may affect. A pod's change costs a selector per set that may select it, and a judgement by each that does if it is one that rollouts
 * read; pods are looked through only when a set or the labels of a namespace change.
 */
export class RolloutBooks {
  readonly #sources: BookSources;
  readonly #books = new Map<string, RolloutBook>();
  readonly #index = new SelectionIndex();
  /** Names of canaries by that of their base. */
  readonly #canaries = new Map<string, Set<string>>();

  constructor(sources: BookSources) {
    this.#sources = sources;
  }

  get(sidecarSet: string): RolloutBook | undefined {
    return this.#books.get(sidecarSet);
  }

  /** Of every set. */
  names(): readonly string[] {
    return [...this.#books.keys()];
  }

  setChanged(set: SidecarSet): readonly string[] {
    const base = this.#baseWithNewCanary(set);
    if (!this.#books.get(set.name)?.follow(set)) this.#open(set);
    if (base) this.#open(base);
    return [set.name, ...(base ? [base.name] : [])];
  }

  #open(set: SidecarSet): void {
    const { pods, namespaceLabels, excludedNamespaces = [] } = this.#sources;
    const surroundings = { excludedNamespaces, canaries: this.#canaries.get(set.name) ?? new Set() };
    this.#index.put(set);
    this.#books.set(set.name, openBook({ set, pods: pods(), namespaces: namespaceLabels(), surroundings }));
  }

  /** Pods that carry a canary are without its base on purpose: the base's book is opened anew when it gets one. */
  #baseWithNewCanary({ name, annotations }: SidecarSet): SidecarSet | undefined {
    const base = canaryBaseOf(annotations);
    if (base === undefined || this.#canaries.get(base)?.has(name)) return undefined;
    this.#canaries.set(base, new Set([...(this.#canaries.get(base) ?? []), name]));
    return base === name ? undefined : this.#books.get(base)?.set;
  }

  setGone(name: string): void {
    this.#index.remove(name);
    this.#books.delete(name);
  }

  podChanged(pod: PodRecord, namespaceLabels: Labels | undefined): readonly string[] {
    const affected: string[] = [];
    const selecting = this.#selecting(pod, namespaceLabels);
    for (const book of selecting) if (book.put(pod)) affected.push(book.set.name);
    // Its labels may have changed: whoever has it and selects it no longer.
    for (const [name, book] of this.#books) {
      if (!book.has(pod) || selecting.includes(book)) continue;
      book.remove(pod);
      affected.push(name);
    }
    return affected;
  }

  #selecting(pod: PodRecord, namespaceLabels: Labels | undefined): readonly RolloutBook[] {
    const selecting: RolloutBook[] = [];
    for (const { name } of this.#index.candidates(pod.labels, pod.namespace)) {
      const book = this.#books.get(name);
      if (book?.selects(pod, namespaceLabels)) selecting.push(book);
    }
    return selecting;
  }

  podGone(pod: PodName): readonly string[] {
    const affected = [...this.#books].filter(([, book]) => book.has(pod));
    for (const [, book] of affected) book.remove(pod);
    return affected.map(([name]) => name);
  }

  /** @param before, after labels; undefined: there is no such namespace */
  namespaceChanged(namespace: string, before: Labels | undefined, after: Labels | undefined): readonly string[] {
    const affected = [...this.#books].filter(
      ([, book]) => book.selectsNamespace(before) !== book.selectsNamespace(after),
    );
    if (affected.length === 0) return [];
    for (const pod of this.#sources.pods()) {
      if (pod.namespace !== namespace) continue;
      for (const [, book] of affected) {
        if (book.selects(pod, after)) book.put(pod);
        else book.remove(pod);
      }
    }
    return affected.map(([name]) => name);
  }
}
