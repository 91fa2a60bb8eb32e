import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";

/** An absolute number, or a percentage text such as `50%`. */
export type IntOrPercent = number | string;

/**
 * How many of `total` a value means. Percentages may have a fraction (`12.5%`); the product is taken before the quotient,
 * so that 7 % of 100 is exactly 7.
 * @returns a whole number, not clamped to 0 … total; an explanation when the text is no percentage
 */
export function resolveIntOrPercent(
  value: IntOrPercent,
  total: number,
  rounding: "up" | "down",
): Result<number, string> {
  if (typeof value === "number") return ok(value);
  const percent = parsePercent(value);
  if (percent === undefined) return err(`"${value}" is neither a number nor a percentage such as "50%"`);
  const exact = (percent * total) / 100;
  return ok(rounding === "up" ? Math.ceil(exact) : Math.floor(exact));
}

/** `"12.5%"` → 12.5; undefined when the text is no percentage. */
function parsePercent(text: string): number | undefined {
  return /^[0-9]+(\.[0-9]+)?%$/.test(text) ? Number(text.slice(0, -1)) : undefined;
}
