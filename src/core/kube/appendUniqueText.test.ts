import { describe, expect, it } from "vitest";
import { appendUniqueText } from "./appendUniqueText.ts";

function appended(existing: string | undefined, patch: string): string {
  const result = appendUniqueText(existing, patch);
  return result.ok ? result.value : `refused: ${result.error}`;
}

describe("appending to a list in an annotation", () => {
  it.each([
    ["a comma list grows at its end", "b,a", "c", "b,a,c"],
    ["only by what it does not have", "a,b", "b,c,a,d", "a,b,c,d"],
    ["blanks around its items go when it is written anew", " a , b ", "c", "a,b,c"],
    ["a comma list takes the texts of a JSON list", "a", '["b", "a"]', "a,b"],
    ["a JSON list stays one, compact", '[ "a", 1.0 ]', "b", '["a",1.0,"b"]'],
    ["a JSON list takes whatever another one holds", '["a"]', '[{"x":1},2]', '["a",{"x":1},2]'],
    ["an empty JSON list stays one", "[]", "a,b", '["a","b"]'],
    ["items are compared by what they mean", '[{"x":1,"y":"\\u0061"}]', '[{"y":"a","x":1}]', '[{"x":1,"y":"\\u0061"}]'],
    ["a repetition that stood there before stays", "a,a", "b", "a,a,b"],
    ["empty items do not count", "a,,b,", ",c", "a,b,c"],
    ["a text that only begins like JSON is one item", "[x", "y", "[x,y"],
  ])("%s", (_, existing, patch, expected) => {
    expect(appended(existing, patch)).toBe(expected);
    expect(appended(expected, patch)).toBe(expected);
  });

  it.each([
    ["a comma list", " a , b,", "b, a"],
    ["a JSON list", '[ "a" ,  "b" ]', '["b"]'],
  ])("leaves %s untouched, blanks and all, when nothing is new", (_, existing, patch) => {
    expect(appended(existing, patch)).toBe(existing);
  });

  it.each([
    ["as it is", "a, b", "a, b"],
    ["as it is, also as JSON", '[ "a" ]', '[ "a" ]'],
    ["without its repetitions", "a, b,a", "a,b"],
    ["without its repetitions, also as JSON", '["a", "a", 1]', '["a",1]'],
  ])("stores the first text %s", (_, patch, expected) => {
    expect(appended(undefined, patch)).toBe(expected);
    expect(appended(" ", patch)).toBe(expected);
  });

  it.each([
    ['{"a":1}', "b", "the annotation cannot be appended to: it is a JSON object, and only lists can be joined"],
    ["a", '{"b":1}', "the patch cannot be used: it is a JSON object, and only lists can be joined"],
    ["a", "[1]", "the annotation cannot be appended to: it is a comma list, which cannot hold 1"],
    ["a", '["b,c"]', 'the annotation cannot be appended to: it is a comma list, which cannot hold "b,c"'],
  ])("refuses to join %s and %s", (existing, patch, problem) => {
    expect(appended(existing, patch)).toBe(`refused: ${problem}`);
  });
});
