import { type Bookkeeping, parseInjectedList, parseWorkingContainers, readBookkeeping } from "../pod/bookkeeping.ts";
import { glanceAt, type HashGlance } from "../pod/hashGlance.ts";
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
}

export function podFacts(pod: PodRecord, rules: RolloutRules): PodFacts {
  const { name } = rules.set;
  const { annotations } = pod;
  const carries = glanceAt(annotations[HASH_ANNOTATION]).get(name) ?? NOT_RECORDED;
  const withoutImage = glanceAt(annotations[HASH_WITHOUT_IMAGE_ANNOTATION]).get(name) ?? NOT_RECORDED;
  const upgradeStates = parseUpgradeStates(annotations[UPGRADE_STATE_ANNOTATION]);
  const injected = parseInjectedList(annotations[INJECTED_LIST_ANNOTATION]).includes(name);
  const carried = carriedSidecars(pod, rules.sidecars, workingContainers(annotations, rules));
  const own = upgradeStates.get(name);
  let bookkeeping: Bookkeeping | undefined;
  let inPlace: InPlaceStates | undefined;
  return {
    pod,
    rules,
    get bookkeeping() {
      bookkeeping ??= readBookkeeping(annotations);
      return bookkeeping;
    },
    carries,
    upgradeStates,
    injected,
    carried: carried.ok ? carried.value : [],
    missingContainer: carried.ok ? undefined : carried.error,
    counts: isActive(pod) && injected && carried.ok,
    updated: carries.hash === rules.hash,
    sameButImages: withoutImage.hash === rules.hashWithoutImage,
    records: {
      sidecarSet: name,
      get inPlace() {
        inPlace ??= parseInPlaceStates(annotations[IN_PLACE_UPDATE_STATE_ANNOTATION]);
        return inPlace;
      },
      own: own?.hash === carries.hash ? own : undefined,
    },
  };
}

const NOT_RECORDED: HashGlance = { hash: "", controllerRevision: "" };
const NO_PAIRS: ReadonlyMap<string, string> = new Map();

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
  return isReady(facts) && isConsistent(facts.pod, containersOf(facts.carried), facts.records);
}

/** A sidecar that still runs something else than its image says while claiming to be ready. */
export function runningPreviousUpgrade({ pod, carried, records }: PodFacts): ContainerRecord | undefined {
  return containersOf(carried).find(
    (container) => container.status?.ready === true && !isConsistent(pod, [container], records),
  );
}

/** When readiness becomes believable, as far as this set's own restarts make it doubtful; undefined: now already. */
export function credibleAt({ pod, rules, bookkeeping, carried, records }: PodFacts): number | undefined {
  const restarted = containersOf(carried).filter(({ name }) => records.own?.containers.has(name));
  if (restarted.length === 0) return undefined;
  const changedAt = Date.parse(bookkeeping.hash.entries.get(rules.set.name)?.updateTimestamp ?? "");
  return readinessCredibleAt(pod, restarted, Number.isNaN(changedAt) ? undefined : changedAt);
}

/**
 * The pairs whose idle half is to be emptied, once the new container of each serves; other containers of the pod do not matter. A
 * pod that differs from the set in more than images is left alone, so that editing the empty image restarts nothing.
 */
export function pairsToFlip({ pod, carried, records, sameButImages }: PodFacts): readonly CarriedPair[] {
  const due = carried.filter(isHalfWay);
  if (due.length === 0 || !sameButImages) return [];
  const serve = due.every(({ working }) => working.status?.ready && isConsistent(pod, [working], records));
  return serve ? due : [];
}

/** A pair whose idle container still runs a real image: the flip is to come. */
export function isHalfWay(carried: CarriedSidecar): carried is CarriedPair {
  if (carried.kind !== "pair") return false;
  const { emptyImage } = carried.sidecar;
  return emptyImage !== "" && carried.idle.image !== emptyImage;
}
