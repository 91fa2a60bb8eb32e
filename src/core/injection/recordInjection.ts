import { type Bookkeeping, formatInjectedList, formatWorkingContainers } from "../pod/bookkeeping.ts";
import { formatHashRecord, type HashEntry, withInjected } from "../pod/hashRecord.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import type { BuiltSidecarSet } from "./buildSidecarSet.ts";

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
  const hashes = withContainers.map((set) => entryOf(set, "hash", now));
  const hashesWithoutImage = withContainers.map((set) => entryOf(set, "hashWithoutImage", now));
  return {
    [HASH_ANNOTATION]: formatHashRecord(withInjected(before.hash, hashes)),
    [HASH_WITHOUT_IMAGE_ANNOTATION]: formatHashRecord(withInjected(before.hashWithoutImage, hashesWithoutImage)),
    [INJECTED_LIST_ANNOTATION]: formatInjectedList([
      ...before.injectedList,
      ...built.map(({ revision }) => revision.set.name),
    ]),
    ...hotUpgradeRecords(built, before),
  };
}

function entryOf(
  { revision, sidecarList }: BuiltSidecarSet,
  which: "hash" | "hashWithoutImage",
  now: string,
): HashEntry {
  return {
    updateTimestamp: now,
    hash: revision[which],
    sidecarSetName: revision.set.name,
    sidecarList,
    controllerRevision: which === "hash" ? revision.controllerRevision : "",
  };
}

function hotUpgradeRecords(built: readonly BuiltSidecarSet[], before: Bookkeeping): Readonly<Record<string, string>> {
  const pairs = built.flatMap(({ hotUpgradePairs }) => hotUpgradePairs);
  if (pairs.length === 0) return {};
  const working = new Map([
    ...before.workingContainers,
    ...pairs.map(({ base, containers }) => [base, containers[0].name] as const),
  ]);
  return Object.assign(
    { [WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION]: formatWorkingContainers(working) },
    ...pairs.map(({ annotations }) => annotations),
  );
}
