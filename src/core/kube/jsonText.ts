import { err, ok, type Result } from "../result.ts";
import { compareUtf8, encodeString } from "./goJson.ts";

/**
 * JSON that remembers how its scalars were written: `1.0` stays `1.0`, which a parsed number could not tell. Merging the text of an
 * annotation must not touch what the patch does not speak of.
 */
export type JsonText =
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "array"; readonly items: readonly JsonText[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [key: string, value: JsonText])[] };

/** Nested deeper than any annotation a person writes, and well within the stack. */
const MAX_DEPTH = 500;
const TOKEN = /[\s]*([{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+)/y;

/** @returns an explanation when the text is no JSON */
export function parseJsonText(text: string): Result<JsonText, string> {
  try {
    JSON.parse(text);
  } catch {
    return err("it is not JSON");
  }
  const tokens = tokenize(text);
  if (depthOf(tokens) > MAX_DEPTH) return err(`it is nested more than ${MAX_DEPTH} levels deep`);
  return ok(readValue(tokens, { at: 0 }));
}

/** Compact, with Go's escapes in strings. Members stand in their order. */
export function formatJsonText(value: JsonText): string {
  switch (value.kind) {
    case "scalar":
      return value.text.replace(/[<>&\u2028\u2029]/g, (unit) => encodeString(unit).slice(1, -1));
    case "array":
      return `[${value.items.map(formatJsonText).join(",")}]`;
    case "object":
      return `{${value.members.map(([key, member]) => `${encodeString(key)}:${formatJsonText(member)}`).join(",")}}`;
  }
}

export function sortedObject(members: ReadonlyMap<string, JsonText>): JsonText {
  return { kind: "object", members: [...members].sort(([left], [right]) => compareUtf8(left, right)) };
}

export function isNull(value: JsonText): boolean {
  return value.kind === "scalar" && value.text === "null";
}

function tokenize(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(TOKEN, "g"))].map((match) => match[1]!);
}

function depthOf(tokens: readonly string[]): number {
  let depth = 0;
  let deepest = 0;
  for (const token of tokens) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** The text is known to be JSON, so only the shape is looked at. */
function readValue(tokens: readonly string[], cursor: { at: number }): JsonText {
  const token = tokens[cursor.at++]!;
  if (token !== "{" && token !== "[") return { kind: "scalar", text: token };
  const closing = token === "{" ? "}" : "]";
  const items: JsonText[] = [];
  const members: [string, JsonText][] = [];
  while (tokens[cursor.at] !== closing) {
    if (tokens[cursor.at] === ",") cursor.at += 1;
    if (token === "[") {
      items.push(readValue(tokens, cursor));
    } else {
      const key = JSON.parse(tokens[cursor.at]!) as string;
      cursor.at += 2;
      members.push([key, readValue(tokens, cursor)]);
    }
  }
  cursor.at += 1;
  return token === "[" ? { kind: "array", items } : { kind: "object", members };
}
