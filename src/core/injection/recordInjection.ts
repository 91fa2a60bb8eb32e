import { keepingLast } from "../keepingLast.ts";
import { oncePer } from "../oncePer.ts";
import { type Bookkeeping, formatInjectedList, formatWorkingContainers } from "../pod/bookkeeping.ts";
import { formatHashRecord, type HashEntry, sharedEntry, withInjected } from "../pod/hashRecord.ts";
import { sidecarNames } from "../pod/sidecars.ts";
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
export function injectionRecords(
  built: readonly BuiltSidecarSet[],
  before: Bookkeeping,
  now: string,
): Readonly<Record<string, string>> {
  const withContainers = built.filter((set) => set.containers.length + set.initContainers.length > 0);
  const entries = withContainers.map(({ revision }) => entriesOf(revision)(now));
  const hashes = entries.map(({ hash }) => hash);
  const hashesWithoutImage = entries.map(({ hashWithoutImage }) => hashWithoutImage);
  const records = {
    [HASH_ANNOTATION]: formatHashRecord(withInjected(before.hash, hashes)),
    [HASH_WITHOUT_IMAGE_ANNOTATION]: formatHashRecord(withInjected(before.hashWithoutImage, hashesWithoutImage)),
    [INJECTED_LIST_ANNOTATION]: formatInjectedList([
      ...before.injectedList,
      ...built.map(({ revision }) => revision.set.name),
    ]),
  };
  const pairs = built.flatMap(({ hotUpgradePairs }) => hotUpgradePairs);
  return pairs.length === 0 ? records : { ...records, ...hotUpgradeRecords(pairs, before) };
}

/** The same for all pods of one second. */
const entriesOf = oncePer((revision: ChosenRevision) =>
  keepingLast((now: string) => ({
    hash: sharedEntry(entryOf(revision, "hash", now)),
    hashWithoutImage: sharedEntry(entryOf(revision, "hashWithoutImage", now)),
  })),
);

function entryOf(revision: ChosenRevision, which: "hash" | "hashWithoutImage", now: string): HashEntry {
  return {
    updateTimestamp: now,
    hash: revision[which],
    sidecarSetName: revision.set.name,
    sidecarList: sidecarNames(revision.set.spec),
    controllerRevision: which === "hash" ? revision.controllerRevision : "",
  };
}

function hotUpgradeRecords(pairs: readonly HotUpgradePair[], before: Bookkeeping): Readonly<Record<string, string>> {
  const working = new Map([
    ...before.workingContainers,
    ...pairs.map(({ base, containers }) => [base, containers[0].name] as const),
  ]);
  return Object.assign(
    { [WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION]: formatWorkingContainers(working) },
    ...pairs.map(({ annotations }) => annotations),
  );
}
