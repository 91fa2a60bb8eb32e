import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";

export interface Token {
  readonly kind: "number" | "quantity" | "name" | "symbol" | "end";
  /** Empty for the end. */
  readonly text: string;
  /** Position of its first character, beginning with 1. */
  readonly at: number;
}

/**
 * The words of a resource expression, the last one is the end. Numbers may have a fraction, an exponent or a percent sign, or one of
 * the units m k M G T P Ki Mi Gi Ti Pi, which makes them quantities. What only resembles a number (`2cpu`, `1K`) is an error.
 */
export function readTokens(text: string): Result<readonly Token[], { readonly at: number; readonly message: string }> {
  const tokens: Token[] = [];
  for (let index = skipBlanks(text, 0); index < text.length; index = skipBlanks(text, index)) {
    const at = index + 1;
    const word = wordAt(text, index);
    const kind = kindOf(word);
    if (kind === undefined)
      return err({ at, message: /^[0-9.]/.test(word) ? noNumber(word) : `cannot have "${word}"` });
    tokens.push({ kind, text: word, at });
    index += word.length;
  }
  return ok([...tokens, { kind: "end", text: "", at: text.length + 1 }]);
}

const WORD = /[0-9.]+(?:[eE][+-]?[0-9]+)?[0-9A-Za-z_.%]*|[A-Za-z][A-Za-z0-9_]*|./suy;
const BLANKS = /[ \t\r\n]*/y;
const NUMBER = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?$/;
const QUANTITY = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[mkMGTP]|[KMGTP]i)$/;

function skipBlanks(text: string, index: number): number {
  return index + matchAt(BLANKS, text, index).length;
}

function wordAt(text: string, index: number): string {
  return matchAt(WORD, text, index);
}

function matchAt(pattern: RegExp, text: string, index: number): string {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? "";
}

function kindOf(word: string): Token["kind"] | undefined {
  if (NUMBER.test(word)) return "number";
  if (QUANTITY.test(word)) return "quantity";
  if (/^[A-Za-z]/.test(word)) return "name";
  return /^[-+*/(),]$/.test(word) ? "symbol" : undefined;
}

function noNumber(word: string): string {
  const [, amount, letters = ""] = /^([0-9]*\.?[0-9]*)([A-Za-z]\w*)$/.exec(word) ?? [];
  const hint = /^(?:cpu|memory|max|min)$/i.test(letters)
    ? `write ${amount}*${letters}`
    : letters === "K"
      ? `write ${amount}k for thousands or ${amount}Ki for 1024`
      : "write a number such as 1.5 or 50%, or one with a unit out of m k M G T P Ki Mi Gi Ti Pi";
  return `cannot read "${word}"; ${hint}`;
}
