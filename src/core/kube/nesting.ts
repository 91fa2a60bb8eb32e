import type { FieldError } from "../result.ts";

/** Nested deeper than anything a person writes, and well within the stack of all that walks through a value. */
export const DEEPEST_NESTING = 1000;

export const TOO_DEEP = `it is nested more than ${DEEPEST_NESTING} levels deep`;

/** Looked at before anything else walks through what came from outside: deep nesting would exhaust the stack there. */
export function isTooDeep(value: unknown): boolean {
  return isDeeperThan(value, DEEPEST_NESTING);
}

/** The refusal of such an object; it shows no value, which could not even be written out. */
export function tooDeepErrors(value: unknown): FieldError[] {
  return isTooDeep(value) ? [{ field: "", type: "FieldValueInvalid", detail: TOO_DEEP }] : [];
}

/** Every object that is admitted comes through here: no throwaway lists. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const key in value) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof member === "object" && isDeeperThan(member, levels - 1)) return true;
  }
  return false;
}
