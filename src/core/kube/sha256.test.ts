import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fnv1, safeEncode } from "./safeName.ts";
import { sha256Hex } from "./sha256.ts";

it("is the platform's SHA-256", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      expect(sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
    }),
  );
  expect(sha256Hex("x".repeat(100_000))).toBe(createHash("sha256").update("x".repeat(100_000)).digest("hex"));
});

it("spells hex digits and decimal digits with safe letters", () => {
  expect(safeEncode("0123456789abcdef")).toBe("456789bcdfvwxz24");
});

it("sums the small revision to the number of the specification", () => {
  expect(fnv1('{"spec":{"$patch":"replace"}}0')).toBe(3783064152);
});
