import { describe, expect, it } from "vitest";
import { oncePerText } from "./oncePerText.ts";

describe("a function that is computed once per text", () => {
  it("is computed once for equal texts and again for others", () => {
    const asked: string[] = [];
    const length = oncePerText((text) => {
      asked.push(text);
      return { length: text.length };
    });
    expect(length("ab")).toBe(length(["a", "b"].join("")));
    expect(length("abc")).toEqual({ length: 3 });
    expect(asked).toEqual(["ab", "abc"]);
  });

  it("gives the same results after it has forgotten, and for texts too long to be kept", () => {
    const upper = oncePerText((text) => text.toUpperCase());
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 2500; number++) expect(upper(`a${number}`)).toBe(`A${number}`);
    }
    expect(upper("a".repeat(20_000))).toBe("A".repeat(20_000));
  });
});
