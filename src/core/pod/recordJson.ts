import { keepingLast } from "../keepingLast.ts";
import { compareUtf8, encodeString } from "../kube/goJson.ts";
import { isJsonObject, type Json, type JsonObject } from "../kube/object.ts";

/**
 * Reading and writing the JSON texts of our pod annotations. Anybody may have edited them, so a reader never throws and never gives
 * up as a whole: what has the wrong type reads as that type's empty value and is noted in `trouble`.
 */
export interface RecordReader {
  readonly trouble: string[];
}

/** The members of a JSON map; an empty list (with trouble noted) when the text is something else. JSON `null` is an empty map. */
export function readMap(text: string, reader: RecordReader): readonly (readonly [string, Json])[] {
  const value = parseJson(text);
  if (value === undefined) return noted(reader, "it is not JSON", []);
  if (value === null) return [];
  if (!isJsonObject(value)) return noted(reader, "it is not a JSON object", []);
  return membersOf(value);
}

/** The fields of a record by their canonical names: letter case does not matter, unknown fields are dropped, the last of several counts. */
export function readFields(value: Json, at: string, fields: readonly string[], reader: RecordReader): JsonObject {
  if (value === null) return {};
  if (!isJsonObject(value)) return noted(reader, `${at} is not an object`, {});
  const read: Record<string, Json> = {};
  for (const [key, member] of membersOf(value)) {
    const field = fields.find((name) => name.toLowerCase() === key.toLowerCase());
    if (field !== undefined) read[field] = member;
  }
  return read;
}

export function readString(value: Json | undefined, at: string, reader: RecordReader): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : noted(reader, `${at} is not a string`, "");
}

/** @returns RFC 3339 in UTC with whole seconds; null when unset, zero or unreadable */
export function readTime(value: Json | undefined, at: string, reader: RecordReader): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && AS_WRITTEN.test(value)) return value === ZERO_TIME ? null : value;
  const parsed = typeof value === "string" && RFC_3339.test(value) ? Date.parse(value) : Number.NaN;
  const time = Number.isNaN(parsed) ? "" : formatTime(parsed);
  // In UTC the year may have more digits than a time can be written with, or be before the first one.
  if (!RFC_3339.test(time)) return noted(reader, `${at} is not a time`, null);
  return time === ZERO_TIME ? null : time;
}

/** In the form that we write, on a day that every month has: nearly all are so, and need no calendar. */
const AS_WRITTEN = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** @param now milliseconds since the epoch */
export function formatTime(now: number): string {
  return textOfSecond(Math.floor(now / 1000));
}

/** What happens in one second, thousands of admissions maybe, asks the calendar once. */
const textOfSecond = keepingLast((second: number) => `${new Date(second * 1000).toISOString().slice(0, -5)}Z`);

export function encodeMap<T>(map: ReadonlyMap<string, T>, encode: (value: T) => string): string {
  let members = "";
  for (const key of sortedKeys(map)) {
    members += `${members === "" ? "" : ","}${encodeString(key)}:${encode(map.get(key)!)}`;
  }
  return `{${members}}`;
}

function sortedKeys<T>(map: ReadonlyMap<string, T>): readonly string[] {
  const keys = [...map.keys()];
  return keys.length > 1 ? keys.sort(compareUtf8) : keys;
}

export function encodeTime(time: string | null): string {
  return time === null ? "null" : encodeString(time);
}

/** Members with a value, for Json parsed from a text that is all of them. */
export function membersOf(value: JsonObject): readonly (readonly [string, Json])[] {
  return Object.entries(value) as [string, Json][];
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const ZERO_TIME = "0001-01-01T00:00:00Z";

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function noted<T>(reader: RecordReader, trouble: string, value: T): T {
  reader.trouble.push(trouble);
  return value;
}
