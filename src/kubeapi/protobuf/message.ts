import { LENGTH, VARINT, type WireReader } from "./wireReader.ts";

/** The fields of a message that are read, by their numbers; all others are skipped unread. */
export type Message = readonly (Field | undefined)[];

interface Field {
  readonly wireType: number;
  /** Reads the value and puts it where the JSON of the same object has it. */
  readonly take: (into: Fields, wire: WireReader, end: number) => void;
}

type Fields = Record<string, unknown>;

/** A field as it is declared: its number, and what becomes of it under its name. */
type Declared = readonly [number: number, field: (name: string) => Field];

export function message(declared: Readonly<Record<string, Declared>>): Message {
  const fields: (Field | undefined)[] = [];
  for (const [name, [number, field]] of Object.entries(declared)) fields[number] = field(name);
  return Array.from(fields);
}

/** Reads into `into`, which may have what every such object has. */
export function readMessage<T extends object>(of: Message, into: T, wire: WireReader, end: number): T {
  while (wire.isBefore(end)) {
    const tag = wire.small(end);
    const [number, wireType] = [tag >>> 3, tag & 7];
    const field = of[number];
    if (number === 0) throw wire.unreadable("a field without a number");
    if (field === undefined) wire.skip(wireType, end);
    else if (field.wireType !== wireType) throw wire.unreadable(`field ${number} with wire type ${wireType}`);
    else field.take(into as Fields, wire, wireType === LENGTH ? wire.endOfValue(end) : end);
  }
  return into;
}

// Go writes zeros and empty texts that its JSON leaves out: they are left out here as well.

export function text(number: number): Declared {
  return field(number, LENGTH, (wire, end) => wire.text(end) || undefined);
}

export function integer(number: number): Declared {
  return field(number, VARINT, (wire, end) => wire.integer(end) || undefined);
}

export function flag(number: number): Declared {
  return field(number, VARINT, (wire, end) => wire.integer(end) !== 0 || undefined);
}

/** `2026-06-01T00:00:00Z`; a time without seconds is Go's zero time, null in JSON. */
export function time(number: number): Declared {
  return field(number, LENGTH, (wire, end) => {
    const { seconds } = readMessage<{ seconds?: number }>(TIMESTAMP, {}, wire, end);
    return seconds === undefined ? undefined : timeText(seconds, wire);
  });
}

export function one(number: number, of: Message, start: () => object = () => ({})): Declared {
  return field(number, LENGTH, (wire, end) => readMessage(of, start(), wire, end));
}

export function many(number: number, of: Message, start: () => object = () => ({})): Declared {
  return [
    number,
    (name) => ({
      wireType: LENGTH,
      take(into, wire, end) {
        const known = into[name] as object[] | undefined;
        const read = readMessage(of, start(), wire, end);
        if (known) known.push(read);
        else into[name] = [read];
      },
    }),
  ];
}

export function textsByKey(number: number): Declared {
  return [
    number,
    (name) => ({
      wireType: LENGTH,
      take(into, wire, end) {
        const entry = readMessage(ENTRY, { key: "", value: "" }, wire, end);
        const known = into[name] as Record<string, string> | undefined;
        if (known) known[entry.key] = entry.value;
        else into[name] = { [entry.key]: entry.value };
      },
    }),
  ];
}

/** Read in a way of its own, which may depend on the fields before it. */
export function value<T extends object>(
  number: number,
  read: (wire: WireReader, end: number, before: T) => unknown,
): Declared {
  return field(number, LENGTH, read as Read);
}

type Read = (wire: WireReader, end: number, before: Fields) => unknown;

function field(number: number, wireType: number, read: Read): Declared {
  return [
    number,
    (name) => ({
      wireType,
      take(into, wire, end) {
        const value = read(wire, end, into);
        if (value !== undefined) into[name] = value;
      },
    }),
  ];
}

const TIMESTAMP = message({ seconds: field(1, VARINT, (wire, end) => wire.integer(end)) });
const ENTRY = message({ key: text(1), value: text(2) });

/** Most times of a pod are the same few. */
const timeTexts = new Map<number, string>();
const MOST_TIMES = 1000;

function timeText(seconds: number, wire: WireReader): string {
  const known = timeTexts.get(seconds);
  if (known !== undefined) return known;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw wire.unreadable(`${seconds} seconds since 1970 are no time`);
  const text = `${date.toISOString().slice(0, -5)}Z`;
  if (timeTexts.size >= MOST_TIMES) timeTexts.clear();
  timeTexts.set(seconds, text);
  return text;
}
