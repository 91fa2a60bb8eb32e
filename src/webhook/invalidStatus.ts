import type { Status } from "../core/kube/object.ts";
import type { FieldError, FieldErrorType } from "../core/result.ts";
import { failure } from "./admissionReview.ts";

/** 422 as the API server itself would say it, so that kubectl names every field. */
export function invalidStatus(
  object: { readonly group: string; readonly kind: string; readonly name: string },
  errors: readonly FieldError[],
): Status {
  const messages = errors.map((error) => `${error.field}: ${messageOf(error)}`);
  const list = messages.length === 1 ? messages[0] : `[${messages.join(", ")}]`;
  const qualifiedKind = object.group === "" ? object.kind : `${object.kind}.${object.group}`;
  return failure({
    code: 422,
    reason: "Invalid",
    message: `${qualifiedKind} "${object.name}" is invalid: ${list}`,
    details: {
      ...object,
      causes: errors.map((error) => ({ reason: error.type, message: messageOf(error), field: error.field })),
    },
  });
}

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
const TYPES_WITHOUT_VALUE: readonly FieldErrorType[] = ["FieldValueRequired", "FieldValueForbidden"];
const LONGEST_VALUE = 200;

function messageOf({ type, detail, value }: FieldError): string {
  if (value === undefined || TYPES_WITHOUT_VALUE.includes(type)) return `${WORDS[type]}: ${detail}`;
  const shown = JSON.stringify(value);
  const short = shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
  return `${WORDS[type]}: ${short}: ${detail}`;
}
