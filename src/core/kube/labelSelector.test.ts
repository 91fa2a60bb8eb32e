import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelRequirement, LabelSelector } from "./labelSelector.ts";
import { compileSelector, formatRequirement, isEmptySelector } from "./labelSelector.ts";
import { parseSelectorText } from "./selectorText.ts";

const labels = { app: "web", tier: "front" };

function compile(selector: LabelSelector) {
  const compiled = compileSelector(selector);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
}

function matches(text: string, of: Record<string, string> = labels): boolean {
  const compiled = parseSelectorText(text);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value.matches(of);
}

describe("a label selector", () => {
  it("matches everything when it has no requirement", () => {
    expect(compile({}).matches({})).toBe(true);
    expect(isEmptySelector({ matchLabels: {}, matchExpressions: [] })).toBe(true);
  });

  it("names the first requirement that fails, and what is there instead", () => {
    const selector = compile({
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["back", "middle"] }],
    });
    const unmet = selector.firstUnmet(labels)!;
    expect(formatRequirement(unmet.requirement)).toBe("tier in (back,middle)");
    expect(unmet.found).toBe("front");
    expect(selector.firstUnmet({ app: "web", tier: "back" })).toBeUndefined();
  });

  it("does not take a name that every object inherits for a label", () => {
    expect(compile({ matchExpressions: [{ key: "constructor", operator: "Exists" }] }).matches({})).toBe(false);
  });

  it("lets NotIn and DoesNotExist match labels without the key", () => {
    expect(compile({ matchExpressions: [{ key: "x", operator: "NotIn", values: ["a"] }] }).matches({})).toBe(true);
    expect(compile({ matchExpressions: [{ key: "x", operator: "DoesNotExist" }] }).matches({})).toBe(true);
  });

  it("reports every mistake at its own path", () => {
    const compiled = compileSelector(
      {
        matchLabels: { "a/b/c": "ok", app: "b c" },
        matchExpressions: [
          { key: "k", operator: "In" },
          { key: "k", operator: "Exists", values: ["v"] },
          { key: "k", operator: "Near" as "In", values: ["v"] },
        ],
      },
      "spec.selector",
    );
    expect(!compiled.ok && compiled.error.map(({ field, type }) => [field, type])).toEqual([
      ["spec.selector.matchLabels", "FieldValueInvalid"],
      ["spec.selector.matchLabels[app]", "FieldValueInvalid"],
      ["spec.selector.matchExpressions[0].values", "FieldValueRequired"],
      ["spec.selector.matchExpressions[1].values", "FieldValueForbidden"],
      ["spec.selector.matchExpressions[2].operator", "FieldValueInvalid"],
    ]);
  });

  const key = fc.constantFrom("a", "b", "c");
  const value = fc.constantFrom("1", "2", "3");
  const values = fc.uniqueArray(value, { minLength: 1 });
  const someLabels = fc.dictionary(key, value);

  it("means the opposite with the opposite operator", () => {
    fc.assert(
      fc.property(someLabels, key, values, (given, k, v) => {
        const is = (operator: LabelRequirement["operator"], list?: string[]) =>
          compile({ matchExpressions: [{ key: k, operator, ...(list && { values: list }) }] }).matches(given);
        expect(is("In", v)).toBe(!is("NotIn", v));
        expect(is("Exists")).toBe(!is("DoesNotExist"));
      }),
    );
  });

  it("reads back as text with the same meaning", () => {
    const expression = fc.oneof(
      fc.record({ key, operator: fc.constantFrom("In" as const, "NotIn" as const), values }),
      fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
    );
    fc.assert(
      fc.property(someLabels, fc.array(expression), someLabels, (matchLabels, matchExpressions, given) => {
        const selector = compile({ matchLabels, matchExpressions });
        const text = selector.requirements.map(formatRequirement).join(",");
        expect(matches(text, given)).toBe(selector.matches(given));
      }),
    );
  });
});

describe("a selector text", () => {
  it.each([
    ["", true],
    ["app=web", true],
    ["app==web,tier=front", true],
    ["app = web , tier = front", true],
    ["app!=web", false],
    ["other!=web", true],
    ["app in (api, web)", true],
    ["app notin (api,web)", false],
    ["app,!other", true],
    ["!app", false],
    ["app=", false],
  ])("%j selects the labels: %j", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  it("compares with integers", () => {
    expect(matches("n>3", { n: "10" })).toBe(true);
    expect(matches("n<3", { n: "10" })).toBe(false);
    expect(matches("n>3", { n: "ten" })).toBe(false);
  });

  it.each(["a in", "a in (b", "a=b=c", "=b", "a b", "a=b,", "a>x", "a=b!", "-a=b"])("%j is refused", (text) => {
    expect(parseSelectorText(text)).toMatchObject({ ok: false });
  });
});
