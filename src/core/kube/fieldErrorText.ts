import type { FieldError, FieldErrorType } from "../result.ts";
import { isTooDeep } from "./nesting.ts";

/**
 * `Invalid value: "x": must be …`, as Kubernetes writes a field error behind its field.
 * @param longestValue characters of a value that are shown; a longer one is cut
 */
export function fieldErrorText({ type, detail, value }: FieldError, longestValue = Number.POSITIVE_INFINITY): string {
  const isShown = value !== undefined && !WITHOUT_VALUE.includes(type) && !isTooDeep(value);
  const shown = isShown ? [cut(JSON.stringify(value), longestValue)] : [];
  return [WORDS[type], ...shown, ...(detail === "" ? [] : [detail])].join(": ");
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

const WITHOUT_VALUE: readonly FieldErrorType[] = ["FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong"];

const WORDS: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: "Required value",
  FieldValueInvalid: "Invalid value",
  FieldValueTypeInvalid: "Invalid value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueForbidden: "Forbidden",
  FieldValueNotSupported: "Unsupported value",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  FieldValueNotFound: "Not found",
};
