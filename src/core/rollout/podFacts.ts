import { type Bookkeeping, isListed, parseWorkingContainers, readBookkeeping } from "../pod/bookkeeping.ts";
import { glanceAt, type HashGlance } from "../pod/hashGlance.ts";
import { parseHashRecord } from "../pod/hashRecord.ts";
import { type ChangeRecords, isConsistent } from "../pod/imageConsistency.ts";
import { type InPlaceStates, parseInPlaceStates } from "../pod/inPlaceState.ts";
import type { ContainerRecord, PodRecord } from "../pod/podRecord.ts";
import { isActive, isRunningAndReady, readinessCredibleAt } from "../pod/readiness.ts";
import { type CarriedPair, type CarriedSidecar, carriedSidecars, containersOf } from "../pod/sidecars.ts";
import { parseUpgradeStates, UPGRADE_STATE_ANNOTATION, type UpgradeState } from "../pod/upgradeState.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  IN_PLACE_UPDATE_STATE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import type { RolloutRules } from "./rolloutRules.ts";

/** One pod seen by one set: what the checks ask and what an upgrade starts from. */
export interface PodFacts {
  readonly pod: PodRecord;
  readonly rules: RolloutRules;
  /** Read when first asked for: most judgements can do without. */
  readonly bookkeeping: Bookkeeping;
  /** What the pod's hash record says about the set. */
  readonly carries: HashGlance;
  readonly upgradeStates: ReadonlyMap<string, UpgradeState>;
  /** The set's name is in the pod's list. */
  readonly injected: boolean;
  readonly carried: readonly CarriedSidecar[];
  readonly missingContainer: string | undefined;
  /** The pod is one of the set's: it is in the status counters and in the base of percentages. */
  readonly counts: boolean;
  readonly updated: boolean;
  /** Only images differ, so that an upgrade in place is possible. */
  readonly sameButImages: boolean;
  readonly records: ChangeRecords;
  /** The kubelet has brought every sidecar to its image. */
  readonly consistent: boolean;
}

export function podFacts(pod: PodRecord, rules: RolloutRules): PodFacts {
  return new ReadFacts(pod, rules);
}

/** A class because its getters cost nothing until they are asked: a million pods are judged by the first few fields alone. */
class ReadFacts implements PodFacts {
  readonly pod: PodRecord;
  readonly rules: RolloutRules;
  readonly carries: HashGlance;
  readonly upgradeStates: PodFacts["upgradeStates"];
  readonly injected: boolean;
  readonly carried: PodFacts["carried"];
  readonly missingContainer: string | undefined;
  readonly counts: boolean;
  readonly updated: boolean;
  readonly sameButImages: boolean;
  readonly records: ChangeRecords;
  #bookkeeping: Bookkeeping | undefined;
  #consistent: boolean | undefined;

  constructor(pod: PodRecord, rules: RolloutRules) {
    const { annotations } = pod;
    const { name } = rules.set;
    const carried = carriedSidecars(pod, rules.sidecars, workingContainers(annotations, rules));
    this.pod = pod;
    this.rules = rules;
    this.carries = hashesOf(pod).get(name) ?? NOT_RECORDED;
    this.upgradeStates = parseUpgradeStates(annotations[UPGRADE_STATE_ANNOTATION]);
    this.injected = isListed(annotations[INJECTED_LIST_ANNOTATION], name);
    this.carried = carried.ok ? carried.value : NO_SIDECARS;
    this.missingContainer = carried.ok ? undefined : carried.error;
    this.counts = isActive(pod) && this.injected && carried.ok;
    this.updated = this.carries.hash === rules.hash;
    const withoutImage = glanceAt(annotations[HASH_WITHOUT_IMAGE_ANNOTATION]).get(name) ?? NOT_RECORDED;
    this.sameButImages = withoutImage.hash === rules.hashWithoutImage;
    const own = this.upgradeStates.get(name);
    this.records = new ReadRecords(name, annotations, own?.hash === this.carries.hash ? own : undefined);
  }

  get bookkeeping(): Bookkeeping {
    this.#bookkeeping ??= readBookkeeping(this.pod.annotations);
    return this.#bookkeeping;
  }

  get consistent(): boolean {
    this.#consistent ??= isConsistent(this.pod, containersOf(this.carried), this.records);
    return this.#consistent;
  }
}

class ReadRecords implements ChangeRecords {
  readonly sidecarSet: string;
  readonly own: UpgradeState | undefined;
  readonly #annotations: PodRecord["annotations"];
  #inPlace: InPlaceStates | undefined;

  constructor(sidecarSet: string, annotations: PodRecord["annotations"], own: UpgradeState | undefined) {
    this.sidecarSet = sidecarSet;
    this.own = own;
    this.#annotations = annotations;
  }

  get inPlace(): InPlaceStates {
    this.#inPlace ??= parseInPlaceStates(this.#annotations[IN_PLACE_UPDATE_STATE_ANNOTATION]);
    return this.#inPlace;
  }
}

const NO_SIDECARS: readonly CarriedSidecar[] = [];
const NOT_RECORDED: HashGlance = { hash: "", controllerRevision: "" };
const NO_PAIRS: ReadonlyMap<string, string> = new Map();

export function hashesOf({ hashes, annotations }: PodRecord): ReturnType<typeof glanceAt> {
  const text = annotations[HASH_ANNOTATION];
  return hashes !== undefined && hashes.text === text ? hashes.entries : glanceAt(text);
}

/** Only pairs have them. */
function workingContainers(
  annotations: PodRecord["annotations"],
  { sidecars }: RolloutRules,
): ReadonlyMap<string, string> {
  if (!sidecars.some(({ hot }) => hot)) return NO_PAIRS;
  return parseWorkingContainers(annotations[WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION]);
}

/** The set's own idea of ready: the pod serves, and no pair is half way through a hot upgrade. */
export function isReady({ pod, carried }: PodFacts): boolean {
  return isRunningAndReady(pod) && !carried.some(isHalfWay);
}

/** The kubelet has brought every sidecar to its image and the pod is ready. */
export function isConsistentAndReady(facts: PodFacts): boolean {
  return isReady(facts) && facts.consistent;
}

/** A sidecar that still runs something else than its image says while claiming to be ready. */
export function runningPreviousUpgrade(facts: PodFacts): ContainerRecord | undefined {
  if (facts.consistent) return undefined;
  const { pod, carried, records } = facts;
  return containersOf(carried).find(
    (container) => container.status?.ready === true && !isConsistent(pod, [container], records),
  );
}

/** When readiness becomes believable, as far as this set's own restarts make it doubtful; undefined: now already. */
export function credibleAt(facts: PodFacts): number | undefined {
  const { pod, carried, records } = facts;
  const restarted = containersOf(carried).filter(
    ({ name, staleReadyMs }) => staleReadyMs > 0 && records.own?.containers.has(name),
  );
  return restarted.length === 0 ? undefined : readinessCredibleAt(pod, restarted, updatedAt(facts));
}

/** When the pod was brought to the revision that its record names, as far as that can be read. */
export function updatedAt({ pod, rules }: PodFacts): number | undefined {
  const time = parseHashRecord(pod.annotations[HASH_ANNOTATION]).entries.get(rules.set.name)?.updateTimestamp;
  const read = Date.parse(time ?? "");
  return Number.isNaN(read) ? undefined : read;
}

/**
 * The pairs whose idle half is to be emptied, once the new container of each serves; other containers of the pod do not matter. A
 * pod that differs from the set in more than images is left alone, so that editing the empty image restarts nothing.
 */
export function pairsToFlip({ pod, carried, records, sameButImages }: PodFacts): readonly CarriedPair[] {
  if (!sameButImages || !carried.some(isHalfWay)) return NO_PAIRS_DUE;
  const due = carried.filter(isHalfWay);
  const serve = due.every(({ working }) => working.status?.ready && isConsistent(pod, [working], records));
  return serve ? due : NO_PAIRS_DUE;
}

const NO_PAIRS_DUE: readonly CarriedPair[] = [];

/** A pair whose idle container still runs a real image: the flip is to come. */
export function isHalfWay(carried: CarriedSidecar): carried is CarriedPair {
  if (carried.kind !== "pair") return false;
  const { emptyImage } = carried.sidecar;
  return emptyImage !== "" && carried.idle.image !== emptyImage;
}
