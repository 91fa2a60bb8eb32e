import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonText, keepText } from "./keptText.ts";
import type { Json } from "./object.ts";

const anyJson = fc.jsonValue() as fc.Arbitrary<Json>;

describe("JSON texts of which parts are kept", () => {
  it("are what JSON.stringify writes, at every depth and whichever parts are kept", () => {
    fc.assert(
      fc.property(anyJson, fc.nat(5), fc.array(fc.boolean()), (value, depth, choices) => {
        for (const [index, part] of partsOf(value).entries()) if (choices[index]) keepText(part);
        expect(jsonText(value, depth)).toBe(JSON.stringify(value));
      }),
    );
  });

  it("leave members out that are undefined", () => {
    expect(jsonText({ absent: undefined, here: [1], later: undefined }, 2)).toBe('{"here":[1]}');
  });

  it("write a key that is special to JavaScript", () => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":"x"}') as Json;
    expect(jsonText(value, 3)).toBe('{"__proto__":{"a":1},"constructor":"x"}');
  });

  it("take the kept text even where the value was changed against the rules, so it was not put together again", () => {
    const part: { name: string } = keepText({ name: "kept" });
    part.name = "changed";
    expect(jsonText([part, { name: "new" }], 1)).toBe('[{"name":"kept"},{"name":"new"}]');
  });
});

function partsOf(value: Json): readonly object[] {
  if (value === null || typeof value !== "object") return [];
  return [value, ...Object.values(value).flatMap((member: Json | undefined) => partsOf(member ?? null))];
}
