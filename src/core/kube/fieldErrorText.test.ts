import { expect, it } from "vitest";
import { fieldErrorText } from "./fieldErrorText.ts";

const FIELD = "spec.x";

it.each([
  [
    "shows the value",
    { type: "FieldValueInvalid", detail: "a number is expected", value: "abc" },
    'Invalid value: "abc": a number is expected',
  ],
  [
    "knows that what is missing has no value",
    { type: "FieldValueRequired", detail: "name it", value: "" },
    "Required value: name it",
  ],
  ["can do without a detail", { type: "FieldValueDuplicate", detail: "", value: 1 }, "Duplicate value: 1"],
] as const)("%s", (_, error, text) => {
  expect(fieldErrorText({ field: FIELD, ...error })).toBe(text);
});

it("cuts a value that is longer than asked for", () => {
  const error = { field: FIELD, type: "FieldValueInvalid", detail: "too much", value: "x".repeat(50) } as const;
  expect(fieldErrorText(error, 5)).toBe('Invalid value: "xxxx…: too much');
});
