import { compileSelectorOnce, type LabelSelector } from "../kube/labelSelector.ts";
import { isJsonObject } from "../kube/object.ts";
import { NAMESPACE_NAME_LABEL } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/**
 * Finds the SidecarSets that can select a pod without looking at the others: every set is filed under one thing that it requires, the
 * rarest when it came in (a label of the pod with one of some values, or the name of the namespace), and under nothing when there is none.
 *
 * A pod's candidates are all sets that select it, and some that do not: whether they do is for `matchSidecarSets` to say.
 * Changed in place, because every admission reads it and thousands of sets may be known.
 */
export class SelectionIndex {
  readonly #filed = new Map<string, Filed>();
  readonly #byPodLabel = new Map<string, Map<string, Drawer>>();
  readonly #byNamespace = new Map<string, Drawer>();
  readonly #anywhere: Drawer = { requiredBy: 0, sets: new Map() };

  constructor(sets: Iterable<SidecarSet> = []) {
    for (const set of sets) this.put(set);
  }

  /** In the place of the set of that name. */
  put(set: SidecarSet): void {
    this.remove(set.name);
    const required = this.#requirementsOf(set);
    const drawers = rarest(required) ?? [this.#anywhere];
    for (const drawer of required.flat()) drawer.requiredBy += 1;
    for (const { sets } of drawers) sets.set(set.name, set);
    this.#filed.set(set.name, { set, required, drawers });
  }

  remove(name: string): void {
    const filed = this.#filed.get(name);
    if (filed === undefined) return;
    this.#filed.delete(name);
    for (const { sets } of filed.drawers) sets.delete(name);
    for (const drawer of filed.required.flat()) drawer.requiredBy -= 1;
    this.#discardUnused(filed);
  }

  /**
   * @param labels as they stand in a request that nobody has checked yet; what is no label matches nothing
   * @param namespace the value of the namespace's label `kubernetes.io/metadata.name`, which is its name
   */
  candidates(labels: unknown, namespace: string): readonly SidecarSet[] {
    const found = [...this.#anywhere.sets.values()];
    for (const set of this.#byNamespace.get(namespace)?.sets.values() ?? []) found.push(set);
    if (!isJsonObject(labels)) return found;
    for (const key of Object.keys(labels)) {
      const value = labels[key];
      const drawer = typeof value === "string" ? this.#byPodLabel.get(key)?.get(value) : undefined;
      if (drawer !== undefined) for (const set of drawer.sets.values()) found.push(set);
    }
    return found;
  }

  /** One list of drawers for each requirement: its allowed values. */
  #requirementsOf({ spec }: SidecarSet): readonly (readonly Drawer[])[] {
    const ofPod = allowedValues(spec.selector);
    const ofNamespace = allowedValues(spec.namespaceSelector).filter(({ key }) => key === NAMESPACE_NAME_LABEL);
    return [
      ...ofPod.map(({ key, values }) => {
        const byValue = entryOf(this.#byPodLabel, key, () => new Map<string, Drawer>());
        return [...values].map((value) => entryOf(byValue, value, emptyDrawer));
      }),
      ...ofNamespace.map(({ values }) => [...values].map((value) => entryOf(this.#byNamespace, value, emptyDrawer))),
    ];
  }

  #discardUnused({ set: { spec } }: Filed): void {
    for (const { key, values } of allowedValues(spec.selector)) {
      const byValue = this.#byPodLabel.get(key);
      for (const value of values) if (byValue?.get(value)?.requiredBy === 0) byValue.delete(value);
      if (byValue?.size === 0) this.#byPodLabel.delete(key);
    }
    for (const { values } of allowedValues(spec.namespaceSelector)) {
      for (const value of values) if (this.#byNamespace.get(value)?.requiredBy === 0) this.#byNamespace.delete(value);
    }
  }
}

/** The sets that are found under one value. */
interface Drawer {
  /** How many sets allow this value, wherever they are filed. */
  requiredBy: number;
  readonly sets: Map<string, SidecarSet>;
}

interface Filed {
  readonly set: SidecarSet;
  readonly required: readonly (readonly Drawer[])[];
  readonly drawers: readonly Drawer[];
}

interface AllowedValues {
  readonly key: string;
  readonly values: ReadonlySet<string>;
}

/** None for a selector that is invalid: it matches nothing, and saying so is not for us. */
function allowedValues(selector: LabelSelector | undefined): readonly AllowedValues[] {
  const compiled = selector && compileSelectorOnce(selector);
  if (!compiled?.ok) return [];
  return compiled.value.requirements
    .filter(({ operator }) => operator === "In")
    .map(({ key, values }) => ({ key, values: new Set(values) }));
}

function rarest(requirements: readonly (readonly Drawer[])[]): readonly Drawer[] | undefined {
  const frequency = (drawers: readonly Drawer[]): number =>
    drawers.reduce((sum, { requiredBy }) => sum + requiredBy, 0);
  return requirements.toSorted((left, right) => frequency(left) - frequency(right))[0];
}

function emptyDrawer(): Drawer {
  return { requiredBy: 0, sets: new Map() };
}

function entryOf<V>(map: Map<string, V>, key: string, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
