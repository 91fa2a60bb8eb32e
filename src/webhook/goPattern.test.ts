import { describe, expect, it } from "vitest";
import { compileGoPattern } from "./goPattern.ts";

function matches(pattern: string, text: string): boolean {
  const compiled = compileGoPattern(pattern);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value(text);
}

describe("a pattern of Go's dialect", () => {
  it("is not anchored", () => {
    expect(matches("ai", "main")).toBe(true);
    expect(matches("^ai", "main")).toBe(false);
    expect(matches("", "main")).toBe(true);
  });

  it("knows inline flags and named groups", () => {
    expect(matches("(?i)MAIN", "main")).toBe(true);
    expect(matches("(?P<n>x)", "x")).toBe(true);
  });

  it.each(["(", "[a-", "a{1001}", "(?=x)", "\\1"])("refuses %s with a message", (pattern) => {
    const compiled = compileGoPattern(pattern);
    expect(compiled.ok ? "" : compiled.error).not.toBe("");
  });

  it("takes linear time for patterns that backtrack elsewhere", () => {
    expect(matches("^(a+)+$", `${"a".repeat(5000)}b`)).toBe(false);
  });
});
