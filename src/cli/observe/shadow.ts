import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import { labelsOf } from "../../cluster/gatherSnapshot.ts";
import { startInformer } from "../../cluster/informer.ts";
import type { Change, LocalCopy } from "../../cluster/localCopy.ts";
import { sidecarSetReader } from "../../cluster/readSidecarSet.ts";
import { CONTROLLER_REVISIONS, NAMESPACES, PODS, type ResourceType } from "../../cluster/resource.ts";
import { RolloutBooks } from "../../controller/rolloutBooks.ts";
import type { InjectionRules } from "../../core/injection/injection.ts";
import type { Labels } from "../../core/kube/labelSelector.ts";
import type { ControllerRevision, Namespace } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { hashDifference } from "../../core/migration/hashDifference.ts";
import { compareInjection, type InjectionComparison } from "../../core/migration/injectionDifferences.ts";
import { shadowDifference } from "../../core/migration/shadowDifference.ts";
import { parseHashRecord } from "../../core/pod/hashRecord.ts";
import { type PodRecord, podKey, podRecord } from "../../core/pod/podRecord.ts";
import { HASH_ANNOTATION, SIDECAR_SET_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { compileGoPattern } from "../../webhook/goPattern.ts";
import { DifferenceBook } from "./differenceBook.ts";
import { RolloutWatch } from "./rolloutWatch.ts";

export interface ShadowOptions {
  /** Only read from. */
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly systemNamespace: string;
  readonly rules: Required<InjectionRules>;
  /** The version of SidecarSets that is served. */
  readonly sidecarSetType: ResourceType;
  readonly signal: AbortSignal;
}

/** What is kept of a pod: never the whole object. */
interface ObservedPod {
  readonly record: PodRecord;
  readonly comparison: InjectionComparison;
}

/**
 * Everything that our manager would decide, decided beside OpenKruise's and compared with what that one does; nothing is written.
 * A pod is compared whenever it changes.
 */
export class Shadow {
  readonly differences: DifferenceBook;
  readonly #options: ShadowOptions;
  readonly #sidecarSets: LocalCopy<SidecarSet | undefined>;
  readonly #namespaces: LocalCopy<Namespace>;
  readonly #revisions: LocalCopy<ControllerRevision>;
  #pods: LocalCopy<ObservedPod> | undefined;
  #watch: RolloutWatch | undefined;

  constructor(options: ShadowOptions) {
    const { environment, sidecarSetType: type, systemNamespace: namespace } = options;
    this.#options = options;
    this.differences = new DifferenceBook(environment);
    const common = { cluster: options.cluster, environment, signal: options.signal };
    const transform = sidecarSetReader(environment.log);
    this.#sidecarSets = startInformer({ ...common, type, transform });
    this.#namespaces = startInformer({ ...common, type: NAMESPACES, transform: (object: Namespace) => object });
    this.#revisions = startInformer({
      ...common,
      type: CONTROLLER_REVISIONS,
      transform: (object: ControllerRevision) => object,
      listOptions: { namespace },
    });
  }

  /** Settles when every object has been looked at once. */
  async start(): Promise<void> {
    const { cluster, environment, signal, rules } = this.#options;
    await Promise.all([this.#sidecarSets.synced, this.#namespaces.synced, this.#revisions.synced]);
    const pods = startInformer<Pod, ObservedPod>({
      cluster,
      environment,
      signal,
      type: PODS,
      transform: (pod) => this.#look(pod),
    });
    this.#pods = pods;
    await pods.synced;
    const books = new RolloutBooks({
      pods: () => this.#records(),
      namespaceLabels: () =>
        new Map([...this.#namespaces.values()].map((each) => [each.metadata.name ?? "", labelsOf(each)])),
      excludedNamespaces: rules.excludedNamespaces,
    });
    this.#watch = new RolloutWatch({
      books,
      clock: environment.clock,
      differences: this.differences,
      revisionsOf: (name) => this.#revisionsOf(name),
    });
    for (const set of this.#sidecarSets.values()) if (set) this.#enter(set);
    for (const pod of pods.values()) this.#tell(pod);
    this.#sidecarSets.subscribe((change) => this.#setChanged(change));
    pods.subscribe((change) => this.#podChanged(change));
    this.#namespaces.subscribe((change) => {
      const before = change.type === "added" ? undefined : labelsOf(change.old);
      const after = change.type === "deleted" ? undefined : labelsOf(change.object);
      const { name = "" } = (change.type === "deleted" ? change.old : change.object).metadata;
      books.namespaceChanged(name, before, after);
    });
    this.#watch.run(signal);
  }

  get counts(): {
    readonly sidecarSets: number;
    readonly pods: number;
    readonly compared: number;
    readonly unknown: number;
  } {
    const pods = [...(this.#pods?.values() ?? [])];
    return {
      sidecarSets: [...this.#sidecarSets.values()].length,
      pods: pods.length,
      compared: pods.filter(({ comparison }) => comparison.compared.length > 0).length,
      unknown: pods.filter(({ comparison }) => comparison.unknown.length > 0).length,
    };
  }

  /** How many upgrades by OpenKruise were seen. */
  get upgrades(): number {
    return this.#watch?.upgrades ?? 0;
  }

  #look(pod: Pod): ObservedPod {
    const namespaceLabels = this.#labelsOf(pod.metadata.namespace ?? "default");
    const sidecarSets = [...this.#sidecarSets.values()].filter((set) => set !== undefined);
    const revisions = [...this.#revisions.values()];
    const { rules } = this.#options;
    const comparison = compareInjection({
      ...rules,
      pod,
      namespaceLabels,
      sidecarSets,
      revisions,
      compilePattern: compileGoPattern,
    });
    return { record: podRecord(pod), comparison };
  }

  #labelsOf(namespace: string): Labels | undefined {
    const known = this.#namespaces.get({ name: namespace });
    return known && labelsOf(known);
  }

  *#records(): Iterable<PodRecord> {
    for (const { record } of this.#pods?.values() ?? []) yield record;
  }

  #revisionsOf(name: string): readonly ControllerRevision[] {
    return [...this.#revisions.values()].filter(({ metadata }) => metadata.labels?.[SIDECAR_SET_NAME_LABEL] === name);
  }

  #setChanged(change: Change<SidecarSet | undefined>): void {
    if (change.type !== "deleted" && change.object) this.#enter(change.object);
    else if (change.type !== "added" && change.old) {
      this.#watch?.setGone(change.old.name);
      this.differences.replace(`set/${change.old.name}`, []);
    }
  }

  #enter(set: SidecarSet): void {
    this.#watch?.setChanged(set);
    const hash = hashDifference(set);
    const told =
      hash && shadowDifference("hash", set.name, { about: hash.annotation, theirs: hash.stored, ours: hash.ours });
    this.differences.replace(`set/${set.name}`, told ? [told] : []);
  }

  #tell({ record, comparison }: ObservedPod): void {
    this.differences.replace(`pod/${podKey(record)}`, comparison.differences);
  }

  #podChanged(change: Change<ObservedPod>): void {
    if (change.type === "deleted") {
      this.#watch?.podGone(change.old.record);
      this.differences.replace(`pod/${podKey(change.old.record)}`, []);
      return;
    }
    const { record } = change.object;
    const upgraded = change.type === "updated" ? upgradedSets(change.old.record, record) : [];
    this.#watch?.podChanged(record, this.#labelsOf(record.namespace), upgraded);
    this.#tell(change.object);
  }
}

/** Names of the SidecarSets whose record in the pod has another hash than before. */
function upgradedSets(before: PodRecord, after: PodRecord): readonly string[] {
  const [old, now] = [before, after].map(({ annotations }) => annotations[HASH_ANNOTATION]);
  if (old === now || old === undefined) return [];
  const entries = parseHashRecord(old).entries;
  return [...parseHashRecord(now).entries].flatMap(([name, { hash }]) => {
    const earlier = entries.get(name)?.hash;
    return earlier !== undefined && earlier !== hash ? [name] : [];
  });
}
