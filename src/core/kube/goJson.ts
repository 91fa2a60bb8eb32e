import type { Json } from "./object.ts";
import { isJsonList } from "./object.ts";

/**
 * A string as Go's encoding/json writes it: JavaScript's escapes plus those that keep the text safe inside HTML and old
 * JavaScript. Hashes and revision data depend on it byte for byte.
 */
export function encodeString(text: string): string {
  if (NOTHING_TO_ESCAPE.test(text)) return `"${text}"`;
  return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, escapeUnit);
}

/** Printable ASCII but for `"`, `&`, `<`, `>` and `\\`: names and hashes, so nearly everything that an admission writes. */
const NOTHING_TO_ESCAPE = /^[ !#-%'-;=?-[\]-~]*$/;

/** Compact JSON with the keys of every object in the order of their UTF-8 bytes, as Go writes a map. Absent members vanish. */
export function encodeSorted(value: Json): string {
  if (typeof value === "string") return encodeString(value);
  if (value === null || typeof value !== "object") return encodeScalar(value);
  if (isJsonList(value)) return `[${value.map(encodeSorted).join(",")}]`;
  const members = Object.entries(value)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .sort(([left], [right]) => compareUtf8(left, right))
    .map(([key, member]) => `${encodeString(key)}:${encodeSorted(member)}`);
  return `{${members.join(",")}}`;
}

/** Compact JSON with the keys as they stand, with Go's string escapes. Absent members vanish. */
export function encodeInOrder(value: Json): string {
  if (typeof value === "string") return encodeString(value);
  if (value === null || typeof value !== "object") return encodeScalar(value);
  if (isJsonList(value)) return `[${value.map(encodeInOrder).join(",")}]`;
  const members = Object.entries(value)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .map(([key, member]) => `${encodeString(key)}:${encodeInOrder(member)}`);
  return `{${members.join(",")}}`;
}

/** Order of UTF-8 bytes, which is the order of code points (JavaScript compares UTF-16 units). */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return isSurrogate(a) === isSurrogate(b) ? a - b : isSurrogate(a) ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function encodeScalar(value: number | boolean | null): string {
  return JSON.stringify(value);
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
