import type { ContainerRecord, PodRecord } from "../pod/podRecord.ts";
import { containerNamed, namesInList, type Sidecar } from "../pod/sidecars.ts";
import { UPGRADE_STATE_ANNOTATION } from "../pod/upgradeState.ts";
import {
  HASH_WITHOUT_IMAGE_ANNOTATION,
  IN_PLACE_UPDATE_STATE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import type { Judgement } from "./judgePod.ts";
import { hashesOf } from "./podFacts.ts";
import { ORDINARY, type PodReport } from "./podReport.ts";
import type { RolloutRules } from "./rolloutRules.ts";

/** What is said of a pod. */
export interface Judged {
  readonly judgement: Judgement;
  readonly report: PodReport;
}

interface FamiliarPod {
  readonly pod: PodRecord;
  readonly hashes: ReturnType<typeof hashesOf>;
  /** As {@link FamiliarPods} looks for them. */
  readonly containers: readonly FamiliarContainer[];
  readonly judged: Judged;
}

/**
 * The last few pods that were judged, so that the next ones that read the same need no judgement of their own. Of a fleet these are
 * nearly all; only such pods are kept whose judgement depends on no time, no process and no text of their own.
 */
export class FamiliarPods {
  readonly #rules: RolloutRules;
  readonly #sought: readonly SoughtContainer[];
  readonly #annotations: readonly string[];
  readonly #labels: readonly string[];
  readonly #pods: FamiliarPod[] = [];
  #oldest = 0;

  constructor(rules: RolloutRules) {
    const { sidecars, updateSelector } = rules;
    this.#rules = rules;
    this.#sought = sidecars.flatMap(soughtContainers);
    this.#annotations = [
      ...sidecars.flatMap(({ tagAnnotation }) => tagAnnotation ?? []),
      ...(sidecars.some(({ hot }) => hot) ? [WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION] : []),
    ];
    this.#labels = updateSelector?.requirements.map(({ key }) => key) ?? [];
  }

  find(pod: PodRecord): Judged | undefined {
    if (this.#pods.length === 0 || !isPlain(pod)) return undefined;
    const hashes = hashesOf(pod);
    for (const known of this.#pods) {
      if (known.hashes === hashes && this.#readsAlike(known, pod)) return known.judged;
    }
    return undefined;
  }

  add(pod: PodRecord, judged: Judged): void {
    // An ordinary report tells of no deadline, and without an own record there is no process to wait for.
    if (judged.report !== ORDINARY || !isPlain(pod) || this.#rules.set.spec.patchPodMetadata.length > 0) return;
    const containers = this.#sought.map(({ list, name }) => {
      const container = containerNamed(name, pod[list]);
      return { container, place: container === undefined ? 0 : pod[list].indexOf(container) };
    });
    this.#pods[this.#oldest] = { pod, hashes: hashesOf(pod), containers, judged };
    this.#oldest = (this.#oldest + 1) % MOST;
  }

  #readsAlike({ pod, containers }: FamiliarPod, other: PodRecord): boolean {
    return (
      pod.ready === other.ready &&
      pod.phase === other.phase &&
      pod.deleting === other.deleting &&
      isReportedOn(pod) === isReportedOn(other) &&
      this.#annotationsReadAlike(pod.annotations, other.annotations) &&
      this.#labels.every((key) => pod.labels[key] === other.labels[key]) &&
      this.#containersReadAlike(containers, other)
    );
  }

  #annotationsReadAlike(one: PodRecord["annotations"], other: PodRecord["annotations"]): boolean {
    return (
      one[HASH_WITHOUT_IMAGE_ANNOTATION] === other[HASH_WITHOUT_IMAGE_ANNOTATION] &&
      one[INJECTED_LIST_ANNOTATION] === other[INJECTED_LIST_ANNOTATION] &&
      one[IN_PLACE_UPDATE_STATE_ANNOTATION] === other[IN_PLACE_UPDATE_STATE_ANNOTATION] &&
      this.#annotations.every((key) => one[key] === other[key])
    );
  }

  #containersReadAlike(known: FamiliarPod["containers"], pod: PodRecord): boolean {
    for (let index = 0; index < known.length; index++) {
      const { container, place } = known[index]!;
      const { list, name } = this.#sought[index]!;
      // Nearly always in the same place, and a pod has no two containers of one name.
      const there = pod[list][place];
      const other = there?.name === name ? there : containerNamed(name, pod[list]);
      if (!containerReadsAlike(container, other)) return false;
    }
    return true;
  }
}

const MOST = 6;

interface FamiliarContainer {
  /** Undefined: the pod has none of the name. */
  readonly container: ContainerRecord | undefined;
  /** Its index in the list. */
  readonly place: number;
}

interface SoughtContainer {
  readonly list: Sidecar["list"];
  readonly name: string;
}

function soughtContainers(sidecar: Sidecar): readonly SoughtContainer[] {
  return namesInList(sidecar).map((name) => ({ list: sidecar.list, name }));
}

/** Neither has it been upgraded by us, nor has its condition been told anything. */
function isPlain({ annotations, upgradable }: PodRecord): boolean {
  return upgradable === undefined && annotations[UPGRADE_STATE_ANNOTATION] === undefined;
}

function isReportedOn({ containers, reportedContainers }: PodRecord): boolean {
  return containers.length === reportedContainers;
}

function containerReadsAlike(one: ContainerRecord | undefined, other: ContainerRecord | undefined): boolean {
  if (one?.image !== other?.image) return false;
  const [status, otherStatus] = [one?.status, other?.status];
  return (
    (status === undefined) === (otherStatus === undefined) &&
    status?.ready === otherStatus?.ready &&
    status?.imageId === otherStatus?.imageId &&
    status?.image === otherStatus?.image
  );
}
