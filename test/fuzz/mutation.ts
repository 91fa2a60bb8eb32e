import fc from "fast-check";

/** Names that JavaScript itself gives a meaning to, and others that nobody expects. */
const hostileKey = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "toJSON",
  "hasOwnProperty",
  "length",
  "",
  "/~1~0",
  "a.b[0]",
  "ключ",
  "\ud800",
  "\u202e\u05e9\u05dc\u05d5\u05dd",
  "\u{1f600}",
  "x-unknown",
);

/** Stands for a text that no JavaScript value writes: see {@link jsonText}. */
const raw = (text: string) => `@raw ${text}`;
/** A member whose key comes twice in the text. */
const twice = (key: string) => `@twice ${key}`;

const hugeText = fc.constantFrom("x".repeat(50_000), "é😀".repeat(10_000), "\\".repeat(20_000), "{".repeat(30_000));
const deep = fc
  .tuple(fc.constantFrom(50, 900, 1_100, 20_000), fc.constantFrom(["[", "]"], ['{"a":', "}"]))
  .map(([depth, [open, close]]) => raw(`deep ${depth} ${open} ${close}`));
const number = fc.constantFrom(
  0,
  -1,
  0.5,
  1e21,
  -(2 ** 31) - 1,
  2 ** 53,
  raw("1e400"),
  raw("-1e400"),
  raw("-0"),
  raw("1.0"),
);
/** Halves of characters too. The library's own texts of this kind take seconds to set up. */
const anyCharacters = fc
  .array(fc.oneof(fc.nat(0x7f), fc.integer({ min: 0xd800, max: 0xdfff }), fc.nat(0xffff), fc.nat(0x10_ffff)), {
    maxLength: 20,
  })
  .map((points) => String.fromCodePoint(...points));
const text = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "*",
    "$(X)",
    "$(A)$(B)",
    "-1",
    "101%",
    "null",
    "true",
    "a,b,,",
    "\u2028",
    "\udfff",
    "\ud83d",
  ),
  fc.constantFrom("9999-12-31T23:59:59-12:00", "0000-00-00T00:00:00Z", "{}", '{"__proto__":{"polluted":1}}', "(((((a"),
  anyCharacters,
  hostileKey,
);
const hostileObject = fc.constantFrom<unknown>(
  {},
  { toString: 1, valueOf: 1 },
  { toJSON: 1, hasOwnProperty: 1 },
  { length: -1, 0: "a" },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { constructor: { prototype: { polluted: true } } },
);

/** Any JSON, most of it unlike what stands in a Kubernetes object. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(null, true, false, [], [null], [[]], [{}]), weight: 6 },
  { arbitrary: number, weight: 5 },
  { arbitrary: text, weight: 8 },
  { arbitrary: hostileObject, weight: 4 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 2 },
  { arbitrary: deep, weight: 1 },
  { arbitrary: hugeText, weight: 1 },
);
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: text, weight: 10 },
  { arbitrary: hugeText, weight: 1 },
);

interface Change {
  readonly kind: "replace" | "delete" | "repeat" | "swap" | "insert" | "insertTwice";
  readonly key: string;
  readonly value: unknown;
}
interface Mutation {
  /** Which of the places of the document, counted round. */
  readonly place: number;
  readonly change: Change;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom<Change["kind"][]>(
    "replace",
    "replace",
    "replace",
    "delete",
    "repeat",
    "swap",
    "insert",
    "insertTwice",
  ),
  key: hostileKey,
  value: anyJson,
});
const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(fc.record({ place: fc.nat(1_000_000), change }), {
  minLength: 1,
  maxLength: 4,
});

/** The valid documents with a few changes at random places, as JSON text. */
export function mutated(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.tuple(valid, mutations).map(([document, changes]) => {
    const root = { document: JSON.parse(JSON.stringify(document)) as unknown };
    for (const { place, change: next } of changes) {
      const places = placesOf(root);
      apply(places[place % places.length]!, next);
    }
    return jsonText(root.document);
  });
}

type Parent = Record<string, unknown> | unknown[];
interface Place {
  readonly parent: Parent;
  readonly key: string;
}

function placesOf(value: unknown, places: Place[] = []): readonly Place[] {
  if (typeof value !== "object" || value === null) return places;
  for (const key of Object.keys(value)) {
    places.push({ parent: value as Parent, key });
    placesOf((value as Record<string, unknown>)[key], places);
  }
  return places;
}

function apply({ parent, key }: Place, next: Change): void {
  const found = (parent as Record<string, unknown>)[key];
  if (next.kind === "replace") define(parent, key, structuredClone(next.value));
  else if (next.kind === "swap") define(parent, key, Array.isArray(found) ? { ...found } : [found]);
  else if (next.kind === "repeat" && Array.isArray(parent)) parent.push(structuredClone(found));
  else if (next.kind === "repeat") define(parent, key, [found, structuredClone(found)]);
  else if (next.kind === "delete" && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (next.kind === "delete") define(parent, key, undefined);
  else if (!isObject(found)) define(parent, key, structuredClone(next.value));
  else if (next.kind === "insert") define(found, next.key, structuredClone(next.value));
  else define(found, twice(Object.keys(found)[0] ?? next.key), structuredClone(next.value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Also `__proto__` becomes a member like any other. */
function define(parent: Parent, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

/** JSON with what only a text can hold: numbers out of range, keys that come twice, nesting without end. */
export function jsonText(value: unknown): string {
  return (JSON.stringify(value) ?? "null")
    .replace(/"@twice ([^"]*)":/g, '"$1":')
    .replace(
      /"@raw deep (\d+) ((?:[^"\\]|\\.)*) ((?:[^"\\]|\\.)*)"/g,
      (_, depth: string, open: string, close: string) => {
        const [before, after] = [JSON.parse(`"${open}"`) as string, JSON.parse(`"${close}"`) as string];
        return `${before.repeat(Number(depth))}0${after.repeat(Number(depth))}`;
      },
    )
    .replace(/"@raw ([^"]*)"/g, "$1");
}
