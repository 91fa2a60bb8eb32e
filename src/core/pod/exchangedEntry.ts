import { encodeString } from "../kube/goJson.ts";
import { oncePerText } from "../oncePerText.ts";
import { withoutTimes, ZERO_TIME } from "./hashGlance.ts";
import { encodeEntry, formatHashRecord, parseHashRecord } from "./hashRecord.ts";

/**
 * A hash record with another entry for one of its sets. The records of a fleet differ in little but their times, which all have the
 * same length: where an entry stands in one of them it stands in all, and the others need not be read.
 * @param entry its text
 * @returns undefined when the record is not as we write it, names a time that reads as none, or has no entry of the set
 */
export function withExchangedEntry(text: string, sidecarSet: string, entry: string): string | undefined {
  const timeless = withoutTimes(text);
  const place = timeless === undefined ? undefined : placesIn(timeless).get(sidecarSet);
  return place && text.slice(0, place.start) + entry + text.slice(place.end);
}

interface Place {
  readonly start: number;
  readonly end: number;
}

const placesIn = oncePerText((timeless): ReadonlyMap<string, Place> => {
  const text = timeless.replaceAll(ZERO_TIME, ANY_TIME);
  const { form, entries } = parseHashRecord(text);
  if (form !== "current" || formatHashRecord(entries) !== text) return NOWHERE;
  return new Map(
    Array.from(entries, ([name, entry]): [string, Place] => {
      // Quotes within a text are escaped, and no entry has an object in it: this is found nowhere else.
      const key = `${encodeString(name)}:{`;
      const start = text.indexOf(key) + key.length - 1;
      return [name, { start, end: start + encodeEntry(entry).length }];
    }),
  );
});

const ANY_TIME = "2000-01-01T00:00:00Z";
const NOWHERE: ReadonlyMap<string, Place> = new Map();
