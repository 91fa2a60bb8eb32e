import { type Bookkeeping, formatInjectedList, formatWorkingContainers, NO_BOOKKEEPING } from "../pod/bookkeeping.ts";
import { formatHashRecord, type HashEntry, withInjected } from "../pod/hashRecord.ts";
import type { Annotations } from "../pod/metadataPatches.ts";
import { sidecarNames } from "../pod/sidecars.ts";
import { Recent } from "../recent.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import type { BuiltSidecarSet } from "./buildSidecarSet.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import type { HotUpgradePair } from "./hotUpgradePair.ts";

/**
 * The annotations by which upgrades will later know what is in the pod. A set that brings no container is listed, but has no hash.
 * @param now RFC 3339
 */
export function injectionRecords(built: readonly BuiltSidecarSet[], before: Bookkeeping, now: string): Annotations {
  return before === NO_BOOKKEEPING ? freshRecords(built, now) : recordsOf(built, before, now);
}

/** Of pods that come new with the same revisions in the same second: one object for all of them, so that more can be kept by it. */
function freshRecords(built: readonly BuiltSidecarSet[], now: string): Annotations {
  const isSame = (kept: FreshRecords): boolean =>
    kept.now === now &&
    kept.revisions.length === built.length &&
    built.every(({ revision }, index) => revision === kept.revisions[index]);
  const known = FRESH.find(isSame);
  if (known !== undefined) return known.records;
  const revisions = built.map(({ revision }) => revision);
  return FRESH.add({ now, revisions, records: recordsOf(built, NO_BOOKKEEPING, now) }).records;
}

interface FreshRecords {
  readonly now: string;
  readonly revisions: readonly ChosenRevision[];
  readonly records: Annotations;
}

const FRESH = new Recent<FreshRecords>();

function recordsOf(built: readonly BuiltSidecarSet[], before: Bookkeeping, now: string): Annotations {
  const withContainers = built.filter((set) => set.containers.length + set.initContainers.length > 0);
  const entries = (which: "hash" | "hashWithoutImage") =>
    withInjected(
      before[which],
      withContainers.map(({ revision }) => entryOf(revision, which, now)),
    );
  const records = {
    [HASH_ANNOTATION]: formatHashRecord(entries("hash")),
    [HASH_WITHOUT_IMAGE_ANNOTATION]: formatHashRecord(entries("hashWithoutImage")),
    [INJECTED_LIST_ANNOTATION]: formatInjectedList([
      ...before.injectedList,
      ...built.map(({ revision }) => revision.set.name),
    ]),
  };
  const pairs = built.flatMap(({ hotUpgradePairs }) => hotUpgradePairs);
  return pairs.length === 0 ? records : { ...records, ...hotUpgradeRecords(pairs, before) };
}

function entryOf(revision: ChosenRevision, which: "hash" | "hashWithoutImage", now: string): HashEntry {
  return {
    updateTimestamp: now,
    hash: revision[which],
    sidecarSetName: revision.set.name,
    sidecarList: sidecarNames(revision.set.spec),
    controllerRevision: which === "hash" ? revision.controllerRevision : "",
  };
}

function hotUpgradeRecords(pairs: readonly HotUpgradePair[], before: Bookkeeping): Annotations {
  const working = new Map([
    ...before.workingContainers,
    ...pairs.map(({ base, containers }) => [base, containers[0].name] as const),
  ]);
  return Object.assign(
    { [WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION]: formatWorkingContainers(working) },
    ...pairs.map(({ annotations }) => annotations),
  );
}
