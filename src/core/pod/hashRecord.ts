import { encodeString } from "../kube/goJson.ts";
import type { Json } from "../kube/object.ts";
import { oncePerText } from "../oncePerText.ts";
import { encodeMap, encodeTime, type RecordReader, readFields, readMap, readString, readTime } from "./recordJson.ts";

/** What a pod says about one SidecarSet: the value of a key in either hash annotation. */
export interface HashEntry {
  /** RFC 3339 in UTC with whole seconds; null: never set. */
  readonly updateTimestamp: string | null;
  readonly hash: string;
  readonly sidecarSetName: string;
  /** Base names of the sidecars, sorted; null in records that come from the oldest form. */
  readonly sidecarList: readonly string[] | null;
  /** Name of the ControllerRevision, empty when not recorded; never set in the record without image. */
  readonly controllerRevision: string;
}

/** By SidecarSet name. */
export type HashEntries = ReadonlyMap<string, HashEntry>;

/** One of the two hash annotations as it stands on a pod. */
export interface HashRecord {
  /**
   * `current`: a map of entries. `legacy`: a map of plain hashes, the oldest form. `unreadable`: neither, also a mix of both.
   */
  readonly form: "absent" | "current" | "legacy" | "unreadable";
  /** What a reader believes; an unreadable record says nothing about any set. */
  readonly entries: HashEntries;
  /** What the next writer keeps. Differs from `entries` only for an unreadable record, of which the readable members survive. */
  readonly salvaged: HashEntries;
  /** Why the record is unreadable. */
  readonly trouble: readonly string[];
}

const NO_ENTRIES: HashEntries = new Map();
const ABSENT: HashRecord = { form: "absent", entries: NO_ENTRIES, salvaged: NO_ENTRIES, trouble: [] };
const FIELDS = ["updateTimestamp", "hash", "sidecarSetName", "sidecarList", "controllerRevision"];

export function parseHashRecord(text: string | undefined): HashRecord {
  return text === undefined || text === "" ? ABSENT : recordOf(text);
}

const recordOf = oncePerText((text): HashRecord => {
  const reader: RecordReader = { trouble: [] };
  const members = readMap(text, reader);
  const entries = new Map(members.map(([name, value]) => [name, readEntry(value, name, reader)]));
  if (reader.trouble.length === 0) return { form: "current", entries, salvaged: entries, trouble: [] };
  if (members.length > 0 && members.every(([, value]) => value === null || typeof value === "string")) {
    const legacy = new Map(members.map(([name, hash]) => [name, legacyEntry((hash ?? "") as string, name, null)]));
    return { form: "legacy", entries: legacy, salvaged: legacy, trouble: [] };
  }
  return { form: "unreadable", entries: NO_ENTRIES, salvaged: entries, trouble: reader.trouble };
});

export function formatHashRecord(entries: HashEntries): string {
  return encodeMap(entries, encodeEntry);
}

/** The record after an injection: what stood there, with the entries of the SidecarSets injected now in place of their old ones. */
export function withInjected(record: HashRecord, injected: Iterable<HashEntry>): HashEntries {
  const entries = new Map(record.salvaged);
  for (const entry of injected) entries.set(entry.sidecarSetName, entry);
  return entries;
}

/**
 * Both records after an upgrade in place, as texts. Only the hash record gets the set's new entry; the other one is written
 * (otherwise undefined: leave it alone) only to lift it from the oldest form. A lifted entry carries the name and time of the
 * upgrade, whichever set it belongs to, and the second record inherits members that stood only in the first: readers of such
 * pods have always seen that.
 */
export function withUpgraded(
  records: { readonly hash: HashRecord; readonly hashWithoutImage: HashRecord },
  own: HashEntry,
): { readonly hash: string; readonly hashWithoutImage: string | undefined } {
  const { hash, hashWithoutImage } = records;
  const lift = (entries: HashEntries): HashEntries =>
    new Map(
      [...entries].map(([name, entry]) => [name, legacyEntry(entry.hash, own.sidecarSetName, own.updateTimestamp)]),
    );
  const kept = hash.form === "legacy" ? lift(hash.entries) : hash.salvaged;
  const liftsSecond = hash.form !== "current" && hashWithoutImage.form === "legacy";
  const inherited = hash.form === "legacy" ? hash.entries : NO_ENTRIES;
  return {
    hash: formatHashRecord(new Map([...kept, [own.sidecarSetName, own]])),
    hashWithoutImage: liftsSecond
      ? formatHashRecord(lift(new Map([...inherited, ...hashWithoutImage.entries])))
      : undefined,
  };
}

function readEntry(value: Json, name: string, reader: RecordReader): HashEntry {
  const fields = readFields(value, name, FIELDS, reader);
  return {
    updateTimestamp: readTime(fields.updateTimestamp, `${name}.updateTimestamp`, reader),
    hash: readString(fields.hash, `${name}.hash`, reader),
    sidecarSetName: readString(fields.sidecarSetName, `${name}.sidecarSetName`, reader),
    sidecarList: readNames(fields.sidecarList, `${name}.sidecarList`, reader),
    controllerRevision: readString(fields.controllerRevision, `${name}.controllerRevision`, reader),
  };
}

function readNames(value: Json | undefined, at: string, reader: RecordReader): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return (value as readonly Json[]).map((name) => readString(name, `${at}[]`, reader));
  reader.trouble.push(`${at} is not a list`);
  return null;
}

function legacyEntry(hash: string, sidecarSetName: string, updateTimestamp: string | null): HashEntry {
  return { updateTimestamp, hash, sidecarSetName, sidecarList: null, controllerRevision: "" };
}

export function encodeEntry(entry: HashEntry): string {
  const list = entry.sidecarList === null ? "null" : `[${entry.sidecarList.map(encodeString).join(",")}]`;
  const revision =
    entry.controllerRevision === "" ? "" : `,"controllerRevision":${encodeString(entry.controllerRevision)}`;
  return (
    `{"updateTimestamp":${encodeTime(entry.updateTimestamp)},"hash":${encodeString(entry.hash)}` +
    `,"sidecarSetName":${encodeString(entry.sidecarSetName)},"sidecarList":${list}${revision}}`
  );
}
