import { compareUtf8, encodeString } from "../kube/goJson.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  HOT_UPGRADE_SUFFIXES,
  IN_PLACE_UPDATE_STATE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import { type HashRecord, parseHashRecord } from "./hashRecord.ts";
import { type InPlaceStates, parseInPlaceStates } from "./inPlaceState.ts";
import { encodeMap, type RecordReader, readMap, readString } from "./recordJson.ts";

const ANNOTATIONS = [
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  INJECTED_LIST_ANNOTATION,
  IN_PLACE_UPDATE_STATE_ANNOTATION,
  WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION,
];

/** Everything the annotations of one pod say about its sidecars. */
export interface Bookkeeping {
  readonly hash: HashRecord;
  readonly hashWithoutImage: HashRecord;
  readonly injectedList: readonly string[];
  readonly inPlaceStates: InPlaceStates;
  readonly workingContainers: ReadonlyMap<string, string>;
}

export function readBookkeeping(annotations: Readonly<Record<string, string>> = {}): Bookkeeping {
  if (ANNOTATIONS.every((annotation) => annotations[annotation] === undefined)) return NO_BOOKKEEPING;
  return readAll(annotations);
}

/** What a new pod says. One object, so that what follows from it can be kept. */
export const NO_BOOKKEEPING: Bookkeeping = readAll({});

function readAll(annotations: Readonly<Record<string, string>>): Bookkeeping {
  return {
    hash: parseHashRecord(annotations[HASH_ANNOTATION]),
    hashWithoutImage: parseHashRecord(annotations[HASH_WITHOUT_IMAGE_ANNOTATION]),
    injectedList: parseInjectedList(annotations[INJECTED_LIST_ANNOTATION]),
    inPlaceStates: parseInPlaceStates(annotations[IN_PLACE_UPDATE_STATE_ANNOTATION]),
    workingContainers: parseWorkingContainers(annotations[WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION]),
  };
}

/** Names of the SidecarSets in the pod. Blanks belong to the name: ` a` is not `a`. */
export function parseInjectedList(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(",");
}

/** Whether a set is in the list, without taking it apart. */
export function isListed(text: string | undefined, name: string): boolean {
  if (text === undefined || text === "") return false;
  let from = 0;
  for (let comma = text.indexOf(","); comma !== -1; comma = text.indexOf(",", from)) {
    if (comma - from === name.length && text.startsWith(name, from)) return true;
    from = comma + 1;
  }
  return text.length - from === name.length && text.endsWith(name);
}

/** The names once each, sorted. */
export function formatInjectedList(names: Iterable<string>): string {
  return [...new Set(names)].sort(compareUtf8).join(",");
}

/** Base name of a hot-upgrade pair → the container that works now; one map for all sets of the pod. Unreadable parts are left out. */
export function parseWorkingContainers(text: string | undefined): ReadonlyMap<string, string> {
  if (text === undefined || text === "") return new Map();
  const reader: RecordReader = { trouble: [] };
  return new Map(readMap(text, reader).map(([base, name]) => [base, readString(name, base, reader)]));
}

export function formatWorkingContainers(working: ReadonlyMap<string, string>): string {
  return encodeMap(working, encodeString);
}

/** The two containers of a hot-upgrade pair: the first is injected working, the second idle. */
export function hotUpgradeNames(base: string): { readonly first: string; readonly second: string } {
  return { first: base + HOT_UPGRADE_SUFFIXES[0], second: base + HOT_UPGRADE_SUFFIXES[1] };
}

/** Which of a pair works and which idles. Anything but the first one's name means the second works. */
export function workingTwin(
  workingContainers: ReadonlyMap<string, string>,
  base: string,
): { readonly working: string; readonly idle: string } {
  const { first, second } = hotUpgradeNames(base);
  return workingContainers.get(base) === first ? { working: first, idle: second } : { working: second, idle: first };
}
