import { fieldErrorText } from "../core/kube/fieldErrorText.ts";
import type { Status } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";
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

const LONGEST_VALUE = 200;

function messageOf(error: FieldError): string {
  return fieldErrorText(error, LONGEST_VALUE);
}
