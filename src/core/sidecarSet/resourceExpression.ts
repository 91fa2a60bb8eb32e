import type { Quantity } from "../kube/quantity.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliOf,
  negateQuantity,
  quantityOf,
  quantityOfMilli,
  roundUpToWhole,
} from "../kube/quantity.ts";
import type { Result } from "../result.ts";
import { err, ok, unreachable } from "../result.ts";
import type { ChainLink, Expression, ExpressionProblem } from "./expressionSyntax.ts";
import { parseExpression } from "./expressionSyntax.ts";

/** The resource an expression stands for is also the one variable it knows. */
export type ComputedResource = "cpu" | "memory";

/**
 * The expression with `cpu` or `memory` bound to the amount. A plain number means cores or bytes. Memory is rounded up to whole bytes.
 * @returns never a negative quantity; the error names the expression and the position
 */
export function evaluateExpression(
  text: string,
  resource: ComputedResource,
  amount: Quantity,
): Result<Quantity, string> {
  const expression = parseExpression(text);
  const result = expression.ok ? finalAmount(expression.value, resource, amount) : expression;
  return result.ok ? result : err(problemText(text, result.error));
}

/**
 * Whether an expression can be evaluated at all: its grammar, its one variable, quantities where quantities are allowed, and a result
 * that is not negative for every amount. An expression such as `cpu-2` passes, although it fails for a pod with less than 2 cores.
 */
export function checkExpression(text: string, resource: ComputedResource): Result<void, string> {
  if (text === "") return ok(undefined);
  const expression = parseExpression(text);
  if (!expression.ok) return err(problemText(text, expression.error));
  // Only the sign depends on the amount: what is a number, and hence every divisor, holds no variable.
  const results = trialAmounts(resource).map((amount) => finalAmount(expression.value, resource, amount));
  const failure = results.every(({ ok: fine }) => !fine) ? results.at(-1) : undefined;
  return failure && !failure.ok ? err(problemText(text, failure.error)) : ok(undefined);
}

/** A plain number or a quantity; numbers are Go's float64. */
type Amount = number | Quantity;
type Evaluated = Result<Amount, ExpressionProblem>;

interface Binding {
  readonly resource: ComputedResource;
  readonly amount: Quantity;
}

/** Thousandths of it must fit into a signed 64-bit integer. */
const LARGEST_NUMBER = 2 ** 63 / 1000;

function finalAmount(
  expression: Expression,
  resource: ComputedResource,
  amount: Quantity,
): Result<Quantity, ExpressionProblem> {
  const result = evaluate(expression, { resource, amount });
  if (!result.ok) return result;
  const quantity = toQuantity(result.value);
  if (quantity.nanos < 0n) {
    const message = `must not be negative; with ${resource} ${formatQuantity(amount)} it is ${formatQuantity(quantity)}`;
    return err({ at: expression.at, message });
  }
  return ok(resource === "memory" ? roundUpToWhole(quantity) : quantity);
}

function evaluate(expression: Expression, binding: Binding): Evaluated {
  switch (expression.kind) {
    case "number":
      return inRange(expression.value, expression.at);
    case "quantity":
      return ok(expression.value);
    case "variable":
      if (expression.name === binding.resource) return ok(binding.amount);
      return err({
        at: expression.at,
        message: `knows no variable "${expression.name}"; in a ${binding.resource} field there is only ${binding.resource}`,
      });
    case "negation": {
      const operand = evaluate(expression.operand, binding);
      return operand.ok ? ok(negate(operand.value)) : operand;
    }
    case "choice": {
      const left = evaluate(expression.of[0], binding);
      if (!left.ok) return left;
      const right = evaluate(expression.of[1], binding);
      return right.ok ? ok(choose(expression.choose, left.value, right.value)) : right;
    }
    case "chain":
      return expression.rest.reduce(
        (left: Evaluated, link) => (left.ok ? evaluateLink(left.value, link, binding) : left),
        evaluate(expression.first, binding),
      );
    default:
      return unreachable(expression);
  }
}

function evaluateLink(left: Amount, { operator, operand, at }: ChainLink, binding: Binding): Evaluated {
  const evaluated = evaluate(operand, binding);
  if (!evaluated.ok) return evaluated;
  const right = evaluated.value;
  switch (operator) {
    case "+":
      return add(left, right, at);
    case "-":
      return add(left, negate(right), at);
    case "*":
      return multiply(left, right, at);
    case "/":
      return divide(left, right, at);
    default:
      return unreachable(operator);
  }
}

function add(left: Amount, right: Amount, at: number): Evaluated {
  if (typeof left === "number" && typeof right === "number") return inRange(left + right, at);
  return ok(addQuantities(toQuantity(left), toQuantity(right)));
}

function multiply(left: Amount, right: Amount, at: number): Evaluated {
  if (typeof left === "number") {
    return typeof right === "number" ? inRange(left * right, at) : scaled(right, milliNumber(right) * left, at);
  }
  if (typeof right === "number") return scaled(left, milliNumber(left) * right, at);
  return err({ at, message: "cannot multiply two quantities; one side of * must be a plain number" });
}

function divide(left: Amount, right: Amount, at: number): Evaluated {
  if (typeof right !== "number") return err({ at, message: "cannot divide by a quantity; divide by a plain number" });
  if (right === 0) return err({ at, message: "cannot divide by 0" });
  return typeof left === "number" ? inRange(left / right, at) : scaled(left, milliNumber(left) / right, at);
}

/** Of equals the left one, with its own form. */
function choose(which: "max" | "min", left: Amount, right: Amount): Amount {
  if (typeof left === "number" && typeof right === "number") return Math[which](left, right);
  const [first, second] = [toQuantity(left), toQuantity(right)];
  const order = compareQuantities(first, second);
  return (which === "max" ? order >= 0 : order <= 0) ? first : second;
}

function negate(amount: Amount): Amount {
  return typeof amount === "number" ? -amount : negateQuantity(amount);
}

function milliNumber(quantity: Quantity): number {
  return Number(milliOf(quantity));
}

/** @param milli the new amount in thousandths, cut to a whole number of them */
function scaled({ format }: Quantity, milli: number, at: number): Evaluated {
  if (!Number.isFinite(milli)) return err({ at, message: "is too large" });
  return ok(quantityOfMilli(BigInt(Math.trunc(milli)), format));
}

function inRange(value: number, at: number): Evaluated {
  if (Math.abs(value) < LARGEST_NUMBER) return ok(value);
  return err({ at, message: `is too large; a number must stay below ${LARGEST_NUMBER.toExponential(1)}` });
}

/** A number is cut to thousandths. */
function toQuantity(amount: Amount): Quantity {
  return typeof amount === "number" ? quantityOfMilli(BigInt(Math.trunc(amount * 1000)), "decimal") : amount;
}

/** The powers of two from 1m to a thousand cores, or from 1 byte to 1Pi. */
function trialAmounts(resource: ComputedResource): readonly Quantity[] {
  const [unit, count] = resource === "cpu" ? [1_000_000n, 21] : [1_000_000_000n, 51];
  return Array.from({ length: count }, (_, power) => quantityOf(unit << BigInt(power), "decimal"));
}

function problemText(text: string, { at, message }: ExpressionProblem): string {
  const quoted = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `the expression ${JSON.stringify(quoted)} ${message} (character ${at})`;
}
