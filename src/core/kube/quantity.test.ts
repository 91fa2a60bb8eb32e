import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Quantity } from "./quantity.ts";
import { compareQuantities, formatQuantity, parseQuantity, roundToMilli } from "./quantity.ts";

function parse(input: string | number): Quantity {
  const quantity = parseQuantity(input);
  if (!quantity.ok) throw new Error(quantity.error);
  return quantity.value;
}

/** As resources are stored: finer than a thousandth is rounded up. */
function stored(input: string | number): string {
  return formatQuantity(roundToMilli(parse(input)));
}

describe("a quantity", () => {
  it.each([
    ["1", "1"],
    ["1.0", "1"],
    ["0.5", "500m"],
    ["1.5", "1500m"],
    ["1000m", "1"],
    ["0.0001", "1m"],
    ["1000", "1k"],
    ["1e3", "1e3"],
    ["12e2", "1200"],
    ["1.500", "1.500"],
    ["0.500", "500m"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["1000Mi", "1000Mi"],
    ["2048Ki", "2Mi"],
    ["1024", "1024"],
    ["3000000000", "3G"],
    ["0.1Ki", "102400m"],
    ["1E3", "1E3"],
    ["+5", "+5"],
    ["05", "05"],
    ["0100Mi", "0100Mi"],
    ["100M", "100M"],
    ["0", "0"],
    ["0Mi", "0"],
    ["-0.0", "0"],
    [" 5 ", "5"],
    ["-1.5", "-1500m"],
    ["-0.0001", "-1m"],
    [1.5, "1500m"],
    [2, "2"],
    ["9999999999999Ei", "9223372036854775807"],
    ["1.Gi", "1.Gi"],
  ])("%j is written %j", (input, expected) => {
    expect(stored(input)).toBe(expected);
  });

  it.each(["", "abc", "1.2.3", "1K", "1 Gi", "1mi", "--1", ".", "1e", "1e999999999"])("%j is none", (text) => {
    expect(parseQuantity(text)).toMatchObject({ ok: false });
  });

  it("is rounded up at nano precision when finer", () => {
    expect(formatQuantity(parse("0.00000000011"))).toBe("1n");
  });

  it("reads back what it wrote as the same amount, and writes that the same way", () => {
    const text = fc
      .tuple(
        fc.constantFrom("", "-", "+"),
        fc.bigInt(0n, 10n ** 12n),
        fc.option(fc.stringMatching(/^[0-9]{1,6}$/), { nil: undefined }),
        fc.constantFrom("", "m", "u", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2"),
      )
      .map(
        ([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${suffix}`,
      );
    fc.assert(
      fc.property(text, (input) => {
        const quantity = parse(input);
        const written = formatQuantity(quantity);
        expect(compareQuantities(parse(written), quantity)).toBe(0);
        expect(formatQuantity(parse(written))).toBe(written);
      }),
    );
  });
});
