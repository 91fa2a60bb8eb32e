import type { FieldError } from "../../core/result.ts";
import { compileCondition } from "../admission/matchCondition.ts";
import { isRecord } from "../apiObject.ts";

const MOST = 64;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** What is wrong with the `matchConditions` of a webhook. */
export function matchConditionErrors(conditions: unknown, field: string): FieldError[] {
  if (!Array.isArray(conditions)) return [];
  if (conditions.length > MOST) {
    return [{ field, type: "FieldValueTooMany", value: conditions.length, detail: `must have at most ${MOST} items` }];
  }
  const taken = new Set<string>();
  return conditions.filter(isRecord).flatMap(({ name, expression }, index) => {
    const errors = [
      ...nameErrors(String(name ?? ""), taken, `${field}[${index}].name`),
      ...expressionErrors(String(expression ?? ""), `${field}[${index}].expression`),
    ];
    taken.add(String(name ?? ""));
    return errors;
  });
}

function nameErrors(name: string, taken: ReadonlySet<string>, field: string): FieldError[] {
  if (name === "") return [{ field, type: "FieldValueRequired", detail: "" }];
  if (taken.has(name)) return [{ field, type: "FieldValueDuplicate", value: name, detail: "" }];
  const detail = "must consist of letters, digits, '-', '_' or '.', and must start and end with a letter or digit";
  return NAME.test(name) ? [] : [{ field, type: "FieldValueInvalid", value: name, detail }];
}

function expressionErrors(expression: string, field: string): FieldError[] {
  if (expression.trim() === "") return [{ field, type: "FieldValueRequired", detail: "" }];
  const compiled = compileCondition(expression);
  return compiled.ok ? [] : [{ field, type: "FieldValueInvalid", value: expression, detail: compiled.error }];
}
