import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Quantity } from "./quantity.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliOf,
  negateQuantity,
  parseQuantity,
  quantityOfMilli,
  roundToMilli,
  roundUpToWhole,
} from "./quantity.ts";

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

describe("calculating with quantities", () => {
  it("adds exactly, in the form of the left one or, where that is zero, of the right one", () => {
    const sum = (left: string, right: string) => formatQuantity(addQuantities(parse(left), parse(right)));
    expect(sum("1Gi", "1Gi")).toBe("2Gi");
    expect(sum("1Mi", "1M")).toBe("2048576");
    expect(sum("0", "1Gi")).toBe("1Gi");
    expect(sum("1e3", "500m")).toBe("1000500e-3");
    expect(formatQuantity(addQuantities(parse("1"), negateQuantity(parse("1500m"))))).toBe("-500m");
  });

  it("counts thousandths away from zero", () => {
    expect(milliOf(parse("1n"))).toBe(1n);
    expect(milliOf(parse("-1n"))).toBe(-1n);
    expect(milliOf(parse("1.5Gi"))).toBe(1_610_612_736_000n);
    expect(formatQuantity(quantityOfMilli(1_610_612_736_000n, "binary"))).toBe("1536Mi");
  });

  it("rounds up to whole numbers", () => {
    const rounded = (text: string) => formatQuantity(roundUpToWhole(parse(text)));
    expect([rounded("1500m"), rounded("1n"), rounded("-1500m"), rounded("1Ki"), rounded("+5")]).toEqual([
      "2",
      "1",
      "-1",
      "1Ki",
      "+5",
    ]);
  });
});
