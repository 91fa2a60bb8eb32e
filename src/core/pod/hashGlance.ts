import { parseHashRecord } from "./hashRecord.ts";

/** What a hash annotation says about one set, but for the time. */
export interface HashGlance {
  readonly hash: string;
  /** Empty: not recorded. */
  readonly controllerRevision: string;
}

/**
 * The entries of a hash annotation by set, as {@link parseHashRecord} reads them. The records of a fleet differ in little but their
 * times: without these they are a few texts, and each is read once.
 */
export function glanceAt(text: string | undefined): ReadonlyMap<string, HashGlance> {
  if (text === undefined || text === "") return NOTHING;
  const timeless = isTimeless(text) ? text : withoutTimes(text);
  if (timeless === undefined) return parseHashRecord(text).entries;
  const known = recent.get(timeless);
  if (known) return known;
  const { entries } = parseHashRecord(text);
  if (recent.size >= MOST_RECENT) recent.clear();
  recent.set(timeless, entries);
  return entries;
}

/** Its first time is none, so that it is worth to be remembered as it is. */
function isTimeless(text: string): boolean {
  const at = text.indexOf(FIELD);
  return at !== -1 && text.length <= LONGEST && text.startsWith(ZERO_TIME, at + FIELD.length);
}

/** A memory of pure results: bounded, and seen by nobody. */
const recent = new Map<string, ReadonlyMap<string, HashGlance>>();
const MOST_RECENT = 2000;
const LONGEST = 10_000;
const NOTHING: ReadonlyMap<string, HashGlance> = new Map();

const FIELD = ':{"updateTimestamp":"';
export const ZERO_TIME = "0001-01-01T00:00:00Z";

/**
 * The same record with the zero time in place of every time, which reads as none.
 * @returns undefined for a text that is not as it is usually written, or names no time that can be read
 */
export function withoutTimes(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  let timeless = "";
  let from = 0;
  for (let at = text.indexOf(FIELD); at !== -1; at = text.indexOf(FIELD, from)) {
    const start = at + FIELD.length;
    if (!isTime(text, start)) return undefined;
    timeless += text.slice(from, start) + ZERO_TIME;
    from = start + ZERO_TIME.length;
  }
  return from === 0 ? undefined : timeless + text.slice(from);
}

/** `2026-06-01T00:00:00Z"`, of a day that every month has. */
function isTime(text: string, start: number): boolean {
  for (let place = 0; place < PATTERN.length; place++) {
    const code = text.charCodeAt(start + place);
    const wanted = PATTERN.charCodeAt(place);
    if (wanted === DIGIT ? code < 0x30 || code > 0x39 : code !== wanted) return false;
  }
  return (
    isWithin(text, start, YEAR) &&
    isWithin(text, start, MONTH) &&
    isWithin(text, start, DAY) &&
    isWithin(text, start, HOUR) &&
    isWithin(text, start, MINUTE) &&
    isWithin(text, start, SECOND)
  );
}

const PATTERN = '0000-00-00T00:00:00Z"';
const DIGIT = 0x30;

interface Part {
  /** Of its two digits. */
  readonly place: number;
  readonly least: number;
  readonly most: number;
}

/** Of a year its century. */
const YEAR: Part = { place: 0, least: 10, most: 99 };
const MONTH: Part = { place: 5, least: 1, most: 12 };
const DAY: Part = { place: 8, least: 1, most: 28 };
const HOUR: Part = { place: 11, least: 0, most: 23 };
const MINUTE: Part = { place: 14, least: 0, most: 59 };
const SECOND: Part = { place: 17, least: 0, most: 59 };

function isWithin(text: string, start: number, { place, least, most }: Part): boolean {
  const tens = text.charCodeAt(start + place) - DIGIT;
  const value = tens * 10 + text.charCodeAt(start + place + 1) - DIGIT;
  return value >= least && value <= most;
}
