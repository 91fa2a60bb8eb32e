import fc from "fast-check";
import { expect, it } from "vitest";
import { compareUtf8, encodeInOrder, encodeSorted, encodeString } from "./goJson.ts";

it("writes each character of ASCII as JavaScript does, but for the three that HTML knows", () => {
  const escaped = new Map([
    ["<", "\\u003c"],
    [">", "\\u003e"],
    ["&", "\\u0026"],
  ]);
  for (let unit = 0; unit < 128; unit += 1) {
    const character = String.fromCharCode(unit);
    const written = escaped.get(character) ?? JSON.stringify(character).slice(1, -1);
    expect(encodeString(`a${character}b`)).toBe(`"a${written}b"`);
  }
});

it("escapes what Go escapes beyond JavaScript", () => {
  expect(encodeString('<a href="x">&\u2028\u2029\u007f/\b\f\u0001')).toBe(
    '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029\u007f/\\b\\f\\u0001"',
  );
});

it("sorts the keys of every object by bytes and leaves absent members out", () => {
  expect(encodeSorted({ b: [{ z: 1, a: null }], a: undefined, "\u{1f600}": 1, "\uffff": 2, B: true })).toBe(
    '{"B":true,"b":[{"a":null,"z":1}],"\uffff":2,"\u{1f600}":1}',
  );
});

it("keeps the order of keys when asked to", () => {
  expect(encodeInOrder({ b: 1, a: undefined, c: { y: 1e21, x: "<" } })).toBe('{"b":1,"c":{"y":1e+21,"x":"\\u003c"}}');
});

it("orders texts like their UTF-8 bytes", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(Math.sign(compareUtf8(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});
