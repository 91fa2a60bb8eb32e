import type { Quantity } from "../kube/quantity.ts";
import { parseQuantity } from "../kube/quantity.ts";
import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import type { Token } from "./expressionTokens.ts";
import { readTokens } from "./expressionTokens.ts";

/**
 * A resource expression as a tree. Operators of one rank form a chain, which is worked off from left to right.
 *
 *     sum     = product { ("+" | "-") product }
 *     product = factor { ("*" | "/") factor }
 *     factor  = number | quantity | variable | "(" sum ")" | ("max" | "min") "(" sum "," sum ")" | "-" factor
 */
export type Expression =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "quantity"; readonly value: Quantity; readonly at: number }
  | { readonly kind: "variable"; readonly name: string; readonly at: number }
  | { readonly kind: "negation"; readonly operand: Expression; readonly at: number }
  | {
      readonly kind: "choice";
      readonly choose: "max" | "min";
      readonly of: readonly [Expression, Expression];
      readonly at: number;
    }
  | { readonly kind: "chain"; readonly first: Expression; readonly rest: readonly ChainLink[]; readonly at: number };

export interface ChainLink {
  readonly operator: Operator;
  readonly operand: Expression;
  readonly at: number;
}

type Operator = "+" | "-" | "*" | "/";

/** What is wrong and where: `at` is the position of the character, beginning with 1. */
export interface ExpressionProblem {
  readonly at: number;
  readonly message: string;
}

export function parseExpression(text: string): Result<Expression, ExpressionProblem> {
  const tokens = readTokens(text);
  if (!tokens.ok) return tokens;
  const sum = parseChain({ tokens: tokens.value, index: 0, depth: 0 }, SUM);
  if (!sum.ok) return sum;
  const left = tokens.value[sum.value.next]!;
  return left.kind === "end" ? ok(sum.value.expression) : unexpected(left, "an operator or the end");
}

/** Deeper nesting means no expression a person wrote; without a bound it could exhaust the stack. */
const MAXIMUM_DEPTH = 100;
const SUM: readonly string[] = ["+", "-"];
const PRODUCT: readonly string[] = ["*", "/"];
const OPERAND = "a number, a quantity, a variable, a function, or an expression in parentheses";

interface Place {
  /** The last one is the end. */
  readonly tokens: readonly Token[];
  readonly index: number;
  readonly depth: number;
}

type Parsed = Result<{ readonly expression: Expression; readonly next: number }, ExpressionProblem>;

function parseChain(place: Place, operators: readonly string[]): Parsed {
  const parseOperand = (index: number): Parsed =>
    operators === SUM ? parseChain({ ...place, index }, PRODUCT) : parseFactor({ ...place, index });
  const first = parseOperand(place.index);
  if (!first.ok) return first;
  const rest: ChainLink[] = [];
  let { next } = first.value;
  for (let token = place.tokens[next]!; operators.includes(token.text); token = place.tokens[next]!) {
    const operand = parseOperand(next + 1);
    if (!operand.ok) return operand;
    rest.push({ operator: token.text as Operator, operand: operand.value.expression, at: token.at });
    next = operand.value.next;
  }
  const { expression } = first.value;
  return ok({
    expression: rest.length === 0 ? expression : { kind: "chain", first: expression, rest, at: expression.at },
    next,
  });
}

function parseFactor(place: Place): Parsed {
  const { kind, text, at } = place.tokens[place.index]!;
  const next = place.index + 1;
  if (place.depth === MAXIMUM_DEPTH) return err({ at, message: `is nested deeper than ${MAXIMUM_DEPTH} levels` });
  const inner = { ...place, index: next, depth: place.depth + 1 };
  if (kind === "number") return ok({ expression: { kind, value: numberOf(text), at }, next });
  if (kind === "quantity") return parseAmount(text, at, next);
  if (kind === "name" && place.tokens[next]!.text === "(") return parseChoice(text, at, { ...inner, index: next + 1 });
  if (kind === "name") return ok({ expression: { kind: "variable", name: text.toLowerCase(), at }, next });
  if (text === "-") {
    const operand = parseFactor(inner);
    return operand.ok
      ? ok({ expression: { kind: "negation", operand: operand.value.expression, at }, next: operand.value.next })
      : operand;
  }
  if (text !== "(") return unexpected(place.tokens[place.index]!, OPERAND);
  const sum = parseChain(inner, SUM);
  return sum.ok ? closed(place, sum.value.next, ")", sum.value.expression) : sum;
}

/** @param place behind the opening parenthesis */
function parseChoice(name: string, at: number, place: Place): Parsed {
  const choose = name.toLowerCase();
  if (choose !== "max" && choose !== "min") {
    return err({ at, message: `knows no function "${name}"; there are max(a, b) and min(a, b)` });
  }
  const twoArguments = `"," and a second argument (${choose} takes exactly two)`;
  const first = parseChain(place, SUM);
  if (!first.ok) return first;
  const comma = place.tokens[first.value.next]!;
  if (comma.text !== ",") return unexpected(comma, twoArguments);
  const second = parseChain({ ...place, index: first.value.next + 1 }, SUM);
  if (!second.ok) return second;
  const of = [first.value.expression, second.value.expression] as const;
  return closed(place, second.value.next, `")" after the two arguments of ${choose}`, {
    kind: "choice",
    choose,
    of,
    at,
  });
}

function closed(place: Place, index: number, expected: string, expression: Expression): Parsed {
  const token = place.tokens[index]!;
  if (token.text === ")") return ok({ expression, next: index + 1 });
  return unexpected(token, expected === ")" ? 'an operator or ")"' : expected);
}

function parseAmount(text: string, at: number, next: number): Parsed {
  const value = parseQuantity(text);
  return value.ok
    ? ok({ expression: { kind: "quantity", value: value.value, at }, next })
    : err({ at, message: value.error });
}

function numberOf(text: string): number {
  return text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
}

function unexpected(token: Token, expected: string): { readonly ok: false; readonly error: ExpressionProblem } {
  const found = token.kind === "end" ? "it ends" : `there is "${token.text}"`;
  return err({ at: token.at, message: `expects ${expected}, but ${found}` });
}
