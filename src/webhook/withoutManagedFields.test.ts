import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonList, isJsonObject, type Json } from "../core/kube/object.ts";
import { withoutManagedFields } from "./withoutManagedFields.ts";

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', "\\", "é", "\u{1f600}", "[", "]", "{", "}", ",", ":", "m", "managedFields") }),
  fc.constantFrom('{"managedFields":[', ',"managedFields":[]', "managedFields", 'x,"managedFields'),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "medium" },
    text,
    fc.integer(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constant("managedFields")), tie("json"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("a text without managed fields", () => {
  it("reads as the same object with every list of that name empty, whatever the texts in it hold", () => {
    fc.assert(
      fc.property(json, (value) => {
        const written = JSON.stringify(value);
        expect(JSON.parse(withoutManagedFields(Buffer.from(written)))).toEqual(emptied(JSON.parse(written)));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [
      "objects in objects, and more behind them",
      { managedFields: [{ fieldsV1: { "f:spec": {} } }], name: "a", list: [1] },
    ],
    [
      "objects in objects, and other objects behind",
      { metadata: { managedFields: [{ "f:spec": {} }] }, spec: { list: [] } },
    ],
    ["nothing behind the list", { metadata: { managedFields: [{ a: 1 }] } }],
    ["a key that reads like its end", { managedFields: [{ "a],": 1, b: { '],"m': 2 } }], list: [3] }],
    ["a text that reads like its end", { managedFields: [{ a: "x]}," }, "]}", { m: ']},"m' }], list: [4] }],
    ["a list in it", { managedFields: [{ a: [{}], b: 1 }, "c"], d: [[5], "e"] }],
  ])("loses the whole list when it holds %s", (_, value) => {
    const written = JSON.stringify(value);
    expect(JSON.parse(withoutManagedFields(Buffer.from(written)))).toEqual(emptied(value));
  });

  it("is any other text as it stands", () => {
    for (const other of [
      "",
      "{",
      '{"managedFields":[',
      '{"managedFields":[{"a":"]',
      '{"managedFields": [1]}',
      '"\\"managedFields":[',
    ]) {
      expect(withoutManagedFields(Buffer.from(other))).toBe(other);
    }
  });
});

function emptied(value: Json): Json {
  if (isJsonList(value)) return value.map(emptied);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, member]): [string, Json] => [
    key,
    key === "managedFields" && Array.isArray(member) ? [] : emptied(member ?? null),
  ]);
  return Object.fromEntries(members);
}
