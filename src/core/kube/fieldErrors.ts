import type { FieldError } from "../result.ts";

// The kinds of refusal that Kubernetes knows. Each answers with a list, so that checks read as expressions.

export function required(field: string, detail: string): FieldError[] {
  return [{ field, type: "FieldValueRequired", detail }];
}

export function invalid(field: string, value: unknown, detail: string): FieldError[] {
  return [{ field, type: "FieldValueInvalid", detail, value }];
}

/** For rules that answer with what is wrong, or nothing. */
export function invalidIf(problem: string | undefined, field: string, value: unknown): FieldError[] {
  return problem === undefined ? [] : invalid(field, value, problem);
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError[] {
  return [{ field, type: "FieldValueNotSupported", detail: `supported values: ${supported.join(", ")}`, value }];
}

export function duplicate(field: string, value: unknown, detail: string): FieldError[] {
  return [{ field, type: "FieldValueDuplicate", detail, value }];
}

export function forbidden(field: string, detail: string): FieldError[] {
  return [{ field, type: "FieldValueForbidden", detail }];
}

export function notFound(field: string, value: unknown, detail: string): FieldError[] {
  return [{ field, type: "FieldValueNotFound", detail, value }];
}

export function tooLong(field: string, detail: string): FieldError[] {
  return [{ field, type: "FieldValueTooLong", detail }];
}

/** One of a fixed set of texts; absent is fine. */
export function oneOf(value: unknown, supported: readonly string[], field: string): FieldError[] {
  return value === undefined || supported.includes(value as string) ? [] : notSupported(field, value, supported);
}

/** Absent is fine. */
export function atLeast(minimum: number, value: number | undefined, field: string): FieldError[] {
  return value === undefined || value >= minimum ? [] : invalid(field, value, `must be ${minimum} or more`);
}

/** Every item whose key has been there before. */
export function duplicates<T>(items: readonly T[], keyOf: (item: T) => string | undefined): readonly number[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined || key === "") return [];
    if (seen.has(key)) return [index];
    seen.add(key);
    return [];
  });
}
