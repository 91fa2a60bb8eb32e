/** What a decision returns when it can fail in an expected way; bugs throw instead. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** Ends a switch over a union: a new member breaks the build here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** A refusal that a person can act on: which field, what it holds, what is expected instead. */
export interface FieldError {
  /** Path as Kubernetes writes it, e.g. `spec.updateStrategy.selector.matchLabels`. */
  readonly field: string;
  readonly type: FieldErrorType;
  /** What is wrong and how to mend it, one sentence. */
  readonly detail: string;
  /** The value found there, when it is short enough to show. */
  readonly value?: unknown;
}

/** The words of Kubernetes' `field.ErrorType`, which end up in `Status.details.causes[].reason`. */
export type FieldErrorType =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueTypeInvalid"
  | "FieldValueDuplicate"
  | "FieldValueForbidden"
  | "FieldValueNotSupported"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueNotFound";
