import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";

/**
 * A Kubernetes quantity (`500m`, `1.5Gi`, `12e6`), exact. Written back the way the Go libraries do: most texts as they came,
 * some in canonical form; hashes depend on which.
 */
export interface Quantity {
  /** The amount in nano units: 1 is 1_000_000_000n. */
  readonly nanos: bigint;
  readonly format: "decimal" | "exponent" | "binary";
  /** The text it was read from, where that text is also how it is written. */
  readonly text: string | undefined;
}

const NANO_EXPONENT = 9;
const NANOS = 10n ** 9n;
const MILLI = NANOS / 1000n;
/** Values beyond the range of a signed 64-bit integer are capped to it, binary ones always, as the Go libraries do. */
const LARGEST = 2n ** 63n - 1n;

const DECIMAL_SUFFIXES: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY_SUFFIXES: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const SUFFIX_OF_EXPONENT = new Map(Object.entries(DECIMAL_SUFFIXES).map(([suffix, exponent]) => [exponent, suffix]));
const SUFFIX_OF_POWER = new Map(Object.entries(BINARY_SUFFIXES).map(([suffix, power]) => [power, suffix]));

const FORM =
  /^(?<sign>[+-]?)(?<whole>[0-9]*)(?:\.(?<fraction>[0-9]*))?(?<suffix>[numkMGTPE]?|[KMGTPE]i|[eE][+-]?[0-9]+)$/;

/** Accepts what JSON may hold: a text or a number. */
export function parseQuantity(input: string | number): Result<Quantity, string> {
  const text = String(input).trim();
  const groups = FORM.exec(text)?.groups;
  const { sign, whole = "", fraction = "", suffix = "" } = groups ?? {};
  if (!groups || `${whole}${fraction}` === "") {
    return err(`"${text}" is no quantity; write a number with an optional suffix, such as 500m, 1.5, 2G or 512Mi`);
  }
  const power = BINARY_SUFFIXES[suffix];
  const exponent = DECIMAL_SUFFIXES[suffix] ?? (power === undefined ? Number(suffix.slice(1)) : 0);
  if (Math.abs(exponent) > MAXIMUM_EXPONENT) return err(`the exponent of "${text}" is out of range`);
  const digits = BigInt(`${whole}${fraction}` || "0");
  const magnitude =
    power === undefined
      ? scaleUp(digits, exponent - fraction.length + NANO_EXPONENT)
      : divideUp(digits * 2n ** BigInt(power) * NANOS, 10n ** BigInt(fraction.length));
  const format = formatOf(power !== undefined, suffix, magnitude);
  const capped = power !== undefined && magnitude > LARGEST * NANOS ? LARGEST * NANOS : magnitude;
  const reusable =
    power === undefined
      ? decimalTextIsKept(whole, fraction, exponent)
      : fraction === "" && binaryTextIsKept(whole, power);
  const nanos = sign === "-" ? -capped : capped;
  return ok({ nanos, format, text: reusable && nanos !== 0n ? text : undefined });
}

export function formatQuantity(quantity: Quantity): string {
  if (quantity.nanos === 0n) return "0";
  if (quantity.text !== undefined) return quantity.text;
  return quantity.format === "binary" ? formatBinary(quantity.nanos) : formatDecimal(quantity.nanos, quantity.format);
}

/** An amount without a text of its own, written in canonical form. */
export function quantityOf(nanos: bigint, format: Quantity["format"]): Quantity {
  return { nanos, format, text: undefined };
}

/** Rounded away from zero to thousandths; a value that is finer loses its text. */
export function roundToMilli(quantity: Quantity): Quantity {
  const rounded = quantity.nanos < 0n ? -ceilTo(-quantity.nanos, MILLI) : ceilTo(quantity.nanos, MILLI);
  return rounded === quantity.nanos ? quantity : quantityOf(rounded, quantity.format);
}

export function compareQuantities(left: Quantity, right: Quantity): -1 | 0 | 1 {
  return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
}

/** Exact. Written in the form of the left one, or of the right one where the left is zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return quantityOf(left.nanos + right.nanos, left.nanos === 0n ? right.format : left.format);
}

export function negateQuantity({ nanos, format }: Quantity): Quantity {
  return quantityOf(-nanos, format);
}

export function quantityOfMilli(milli: bigint, format: Quantity["format"]): Quantity {
  return quantityOf(milli * MILLI, format);
}

/** In thousandths, rounded away from zero. */
export function milliOf(quantity: Quantity): bigint {
  return roundToMilli(quantity).nanos / MILLI;
}

/** Rounded up to a whole number, as bytes must be; a value that has a fraction loses its text. */
export function roundUpToWhole(quantity: Quantity): Quantity {
  const whole = quantity.nanos < 0n ? -(-quantity.nanos / NANOS) * NANOS : ceilTo(quantity.nanos, NANOS);
  return whole === quantity.nanos ? quantity : quantityOf(whole, quantity.format);
}

/** Beyond this no value is meant; without a bound a short text could ask for gigabytes of digits. */
const MAXIMUM_EXPONENT = 1000;

function formatOf(isBinary: boolean, suffix: string, magnitude: bigint): Quantity["format"] {
  if (isBinary) return magnitude > 0n && magnitude < NANOS ? "decimal" : "binary";
  return /^[eE]./.test(suffix) ? "exponent" : "decimal";
}

function decimalTextIsKept(whole: string, fraction: string, exponent: number): boolean {
  const digits = `${whole.replace(/^0+/, "") || "0"}${fraction}`;
  const scale = exponent - fraction.length;
  if (digits.length > 18 || scale < -NANO_EXPONENT || scale % 3 !== 0) return false;
  return !digits.endsWith("000") && !digits.startsWith("0");
}

function binaryTextIsKept(whole: string, power: number): boolean {
  const digits = whole.replace(/^0+/, "") || "0";
  if (digits.length + 1 + Math.trunc(power * 0.3) > 15) return false;
  return BigInt(digits) % 8n !== 0n;
}

function formatBinary(nanos: bigint): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < 1024n * NANOS || magnitude % NANOS !== 0n) return formatDecimal(nanos, "decimal");
  let rest = magnitude / NANOS;
  let power = 0;
  while (rest >= 1024n && rest % 1024n === 0n && power < 60) {
    rest /= 1024n;
    power += 10;
  }
  return `${nanos < 0n ? "-" : ""}${rest}${SUFFIX_OF_POWER.get(power) ?? ""}`;
}

function formatDecimal(nanos: bigint, format: "decimal" | "exponent"): string {
  let digits = nanos < 0n ? -nanos : nanos;
  let exponent = -NANO_EXPONENT;
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent += 1;
  }
  while (exponent % 3 !== 0 || (format === "decimal" && exponent > 18)) {
    digits *= 10n;
    exponent -= 1;
  }
  const suffix = format === "decimal" ? SUFFIX_OF_EXPONENT.get(exponent)! : exponent === 0 ? "" : `e${exponent}`;
  return `${nanos < 0n ? "-" : ""}${digits}${suffix}`;
}

/** value · 10^exponent, rounded up where that is a fraction. */
function scaleUp(value: bigint, exponent: number): bigint {
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent));
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function ceilTo(value: bigint, step: bigint): bigint {
  return divideUp(value, step) * step;
}
