import { describe, expect, it } from "vitest";
import { LineCounter, parseDocument } from "yaml";
import { fieldPosition } from "./fieldPosition.ts";

const YAML = `# a comment
metadata:
  annotations:
    example.com/a.b: x
    "odd[0].key": y
spec: &spec
  containers:
  - name: log
    image: log:1
  -   name: proxy
      env: [{name: A}, {name: B}]
base: &base {kept: 1, hidden: 2}
merged:
  <<: *base
  hidden: 3
again: *spec
`;

describe("the place of a field", () => {
  it.each([
    ["a field of a map is where its key is", "spec.containers", "7:3"],
    ["an entry of a list is where its value is", "spec.containers[1]", "10:7"],
    ["a field of an entry", "spec.containers[0].image", "9:5"],
    ["flow style", "spec.containers[1].env[1].name", "11:25"],
    ["a key with dots and slashes", "metadata.annotations[example.com/a.b]", "4:5"],
    ["a key that looks like a path", "metadata.annotations[odd[0].key]", "5:5"],
    [
      "a field that is not there has the place of the nearest parent",
      "spec.containers[0].resources.limits[cpu]",
      "8:5",
    ],
    ["so has an entry that is not there", "spec.containers[7].name", "7:3"],
    ["a name that only begins alike is another field", "spec.contain", "6:1"],
    ["the object itself", "", "2:1"],
    ["a field behind an alias is where it is written", "again.containers[0].image", "9:5"],
    ["a merged field is where it is written", "merged.kept", "12:14"],
    ["an own field wins over a merged one", "merged.hidden", "15:3"],
  ])("%s", (_name, field, expected) => {
    const lines = new LineCounter();
    const document = parseDocument(YAML, { version: "1.1", lineCounter: lines });
    const { line, column } = fieldPosition({ document, lines }, document.contents, field);
    expect(`${line}:${column}`).toBe(expected);
  });

  it("an empty document begins where it begins", () => {
    const lines = new LineCounter();
    const document = parseDocument("", { lineCounter: lines });
    expect(fieldPosition({ document, lines }, document.contents, "spec")).toEqual({ line: 1, column: 1 });
  });
});
