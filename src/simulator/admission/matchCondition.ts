import { Environment } from "@marcbachmann/cel-js";
import { oncePerText } from "../../core/oncePerText.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { AdmissionReview } from "./admissionReview.ts";

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** @returns whether the condition holds, or why that cannot be said */
type Condition = (review: AdmissionReview) => Result<boolean, string>;

/** Standard CEL over `object`, `oldObject` and `request`. @returns what is wrong with the expression, in the API server's words */
export const compileCondition: (expression: string) => Result<Condition, string> = oncePerText((expression) => {
  try {
    const program = ENVIRONMENT.parse(expression);
    const { valid, type, error } = program.check();
    if (!valid) return err(`compilation failed: ${firstLine(error)}`);
    if (type !== "bool" && type !== "dyn") return err(`must evaluate to bool but got ${type}`);
    return ok((review) => evaluated(() => program(variablesOf(review)), expression));
  } catch (error) {
    return err(`compilation failed: ${firstLine(error)}`);
  }
});

/**
 * Whether all conditions hold. One that says no decides, also beside others that cannot be evaluated.
 * @returns an error when it cannot be said
 */
export function conditionsHold(
  conditions: readonly MatchCondition[],
  review: AdmissionReview,
): Result<boolean, string> {
  const answers = conditions.map(({ expression }) => {
    const compiled = compileCondition(expression);
    return compiled.ok ? compiled.value(review) : compiled;
  });
  if (answers.some((answer) => answer.ok && !answer.value)) return ok(false);
  return answers.find((answer) => !answer.ok) ?? ok(true);
}

function evaluated(evaluate: () => unknown, expression: string): Result<boolean, string> {
  try {
    const value = evaluate();
    return typeof value === "boolean" ? ok(value) : failed(expression, "the result is no bool");
  } catch (error) {
    const line = firstLine(error);
    return failed(expression, line.charAt(0).toLowerCase() + line.slice(1));
  }
}

function failed(expression: string, why: string): Result<boolean, string> {
  return err(`expression '${expression}' resulted in error: ${why}`);
}

function variablesOf({ request }: AdmissionReview): Record<string, unknown> {
  const { object, oldObject, ...rest } = request;
  return { object, oldObject, request: rest };
}

/** The library draws the place of a mistake on further lines. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
}

const KIND = { group: "string", version: "string", kind: "string" };
const RESOURCE = { group: "string", version: "string", resource: "string" };

/** What an expression may name; of the request exactly the fields of an AdmissionRequest. */
const ENVIRONMENT = new Environment({ enableOptionalTypes: true })
  .registerVariable("object", "dyn")
  .registerVariable("oldObject", "dyn")
  .registerVariable({
    name: "request",
    schema: {
      uid: "string",
      kind: KIND,
      resource: RESOURCE,
      subResource: "string",
      requestKind: KIND,
      requestResource: RESOURCE,
      requestSubResource: "string",
      name: "string",
      namespace: "string",
      operation: "string",
      userInfo: { username: "string", uid: "string", groups: "list<string>", extra: "map" },
      dryRun: "bool",
      options: "dyn",
    },
  });
