import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatQuantity, parseQuantity, type Quantity } from "../kube/quantity.ts";
import { type ComputedResource, checkExpression, evaluateExpression } from "./resourceExpression.ts";

function quantity(text: string): Quantity {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** The result as it is written, or the error. */
function evaluate(text: string, resource: ComputedResource, amount: string): string {
  const result = evaluateExpression(text, resource, quantity(amount));
  return result.ok ? formatQuantity(result.value) : result.error;
}

function problem(text: string, resource: ComputedResource = "cpu"): string | undefined {
  const result = checkExpression(text, resource);
  return result.ok ? undefined : result.error;
}

describe("a resource expression", () => {
  it.each<[string, ComputedResource, string, string]>([
    ["max(cpu/4, 20m)", "cpu", "200m", "50m"],
    ["min(cpu*2, 4 - cpu)", "cpu", "1500m", "2500m"],
    ["memory/4 + min(memory, 1Gi)", "memory", "8Gi", "3Gi"],
    ["memory*25%", "memory", "512Mi", "128Mi"],
    ["memory + 100", "memory", "512Mi", "536871012"],
    ["0.25", "cpu", "1", "250m"],
    ["1/3", "cpu", "1", "333m"],
    ["cpu*0.29", "cpu", "100m", "28m"],
    ["1Gi*33%", "memory", "1", "354334802"],
    ["0.5", "memory", "1", "1"],
    ["Memory*50%", "memory", "1Gi", "512Mi"],
    ["CPU - MAX(1, 2)", "cpu", "3", "1"],
    [
      "1e3m0 - 0",
      "cpu",
      "1",
      'the expression "1e3m0 - 0" cannot read "1e3m0"; write a number such as 1.5 or 50%, or one with a unit out of m k M G T P Ki Mi Gi Ti Pi (character 1)',
    ],
    ["1.5e3 + 5. + .5", "cpu", "1", "1505500m"],
    ["2 - -cpu", "cpu", "1", "3"],
    ["10-4-3", "cpu", "1", "3"],
    ["12/2/3*2", "cpu", "1", "4"],
    ["-(cpu - 3)", "cpu", "1", "2"],
  ])("%s for %s %s %s is %s", (text, resource, amount, expected) => {
    expect(evaluate(text, resource, amount)).toBe(expected);
  });

  it("keeps the text of a quantity that passes through", () => {
    expect(evaluate("cpu", "cpu", "1.500")).toBe("1.500");
    expect(evaluate("max(1Gi, memory)", "memory", "1000Mi")).toBe("1Gi");
    expect(evaluate("cpu*1", "cpu", "1.500")).toBe("1500m");
  });

  it("takes the form of the left operand unless that is zero", () => {
    expect(evaluate("memory + 1M", "memory", "1Mi")).toBe("2048576");
    expect(evaluate("0 + memory", "memory", "1Gi")).toBe("1Gi");
    expect(evaluate("1G + 24M + memory", "memory", "1Ki")).toBe("1024001024");
  });

  it("is an error where the result is negative for this amount", () => {
    expect(evaluate("cpu - 80m", "cpu", "50m")).toBe(
      'the expression "cpu - 80m" must not be negative; with cpu 50m it is -30m (character 1)',
    );
  });
});

describe("the check of a resource expression", () => {
  it.each(["", "cpu", "max(cpu*50%, 100m)", "cpu-2", "1-cpu", "1000-cpu*2", "min(cpu, 3)/2", "0"])(
    "accepts %j",
    (text) => {
      expect(problem(text)).toBeUndefined();
    },
  );

  it.each([
    [
      " ",
      "expects a number, a quantity, a variable, a function, or an expression in parentheses, but it ends (character 2)",
    ],
    ["cpu*", "but it ends (character 5)"],
    ["(cpu", 'expects an operator or ")", but it ends (character 5)'],
    ["cpu)", 'expects an operator or the end, but there is ")" (character 4)'],
    ["cpu cpu", 'expects an operator or the end, but there is "cpu" (character 5)'],
    ["+cpu", 'but there is "+" (character 1)'],
    ["cpu%", 'cannot have "%" (character 4)'],
    ["\u00a0cpu", 'cannot have "\u00a0" (character 1)'],
    ["2cpu", 'cannot read "2cpu"; write 2*cpu (character 1)'],
    ["cpu + 1K", 'cannot read "1K"; write 1k for thousands or 1Ki for 1024 (character 7)'],
    ["10Mib", 'cannot read "10Mib"'],
    ["50%m", 'cannot read "50%m"'],
    ["1.2.3", 'cannot read "1.2.3"'],
    [".", 'cannot read "."'],
    ["memory", 'knows no variable "memory"; in a cpu field there is only cpu (character 1)'],
    ["constructor", 'knows no variable "constructor"'],
    ["avg(1, 2)", 'knows no function "avg"; there are max(a, b) and min(a, b) (character 1)'],
    ["max(1)", 'expects "," and a second argument (max takes exactly two), but there is ")" (character 6)'],
    ["max(1, 2, 3)", 'expects ")" after the two arguments of max, but there is "," (character 9)'],
    ["cpu*cpu", "cannot multiply two quantities; one side of * must be a plain number (character 4)"],
    ["1/cpu", "cannot divide by a quantity; divide by a plain number (character 2)"],
    ["cpu/(1-1)", "cannot divide by 0 (character 4)"],
    ["1-2", "must not be negative"],
    ["-cpu", "must not be negative"],
    ["1e30", "is too large"],
    [`cpu${"*9e15".repeat(30)}`, "is too large (character "],
    [`${"(".repeat(5000)}cpu`, "is nested deeper than 100 levels (character 101)"],
    ["-".repeat(5000), "is nested deeper than 100 levels"],
  ])("refuses %j", (text, expected) => {
    expect(problem(text)).toContain(expected);
  });

  it("quotes only the beginning of a long expression", () => {
    expect(problem(`cpu+${"1".repeat(1000)}`)).toBe(
      `the expression "cpu+${"1".repeat(76)}…" is too large; a number must stay below 9.2e+15 (character 5)`,
    );
  });

  it("is not troubled by a long chain", () => {
    expect(problem(`cpu${"+1m".repeat(5000)}`)).toBeUndefined();
  });
});

/** A random expression of quantities together with its exact value in thousandths, for cpu = `variable` thousandths. */
interface Sample {
  readonly text: string;
  readonly milli: bigint;
}

function samples(variable: bigint): fc.Arbitrary<Sample> {
  const { tree } = fc.letrec<{ tree: Sample }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constant({ text: "cpu", milli: variable }),
      fc.bigInt(0n, 10n ** 9n).map((milli) => ({ text: `${milli}m`, milli })),
      fc.integer({ min: 0, max: 1000 }).map((number) => ({ text: `${number}`, milli: BigInt(number) * 1000n })),
      fc
        .tuple(fc.constantFrom("+", "-", "max", "min"), tie("tree"), tie("tree"))
        .map(([operator, left, right]) => combined(operator, left, right)),
    ),
  }));
  return tree;
}

function combined(operator: string, left: Sample, right: Sample): Sample {
  const [a, b] = [left.milli, right.milli];
  const [least, most] = a < b ? [a, b] : [b, a];
  switch (operator) {
    case "+":
      return { text: `${left.text} + ${right.text}`, milli: a + b };
    case "-":
      return { text: `${left.text}-(${right.text})`, milli: a - b };
    case "max":
      return { text: `max(${left.text},${right.text})`, milli: most };
    default:
      return { text: `min( ${left.text} , ${right.text} )`, milli: least };
  }
}

describe("sums, differences, maxima and minima", () => {
  const variable = 1_250n;

  it("are exact", () => {
    fc.assert(
      fc.property(samples(variable), ({ text, milli }) => {
        const result = evaluateExpression(text, "cpu", quantity(`${variable}m`));
        if (milli < 0n) expect(result.ok).toBe(false);
        else expect(result.ok && result.value.nanos).toBe(milli * 1_000_000n);
      }),
    );
  });
});

describe("any text", () => {
  it("is evaluated or refused with a message, never more", () => {
    const pieces = fc.constantFrom(
      "cpu",
      "memory",
      "max(",
      "min(",
      "(",
      ")",
      ",",
      "+",
      "-",
      "*",
      "/",
      "1",
      "2.5",
      "50%",
      "0",
      "1Gi",
      "100m",
      " ",
      "é",
      "1e9",
      "e",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 12 }).map((some) => some.join("")),
          fc.string(),
        ),
        (text) => {
          const result = evaluateExpression(text, "cpu", quantity("2048m"));
          if (result.ok) expect(result.value.nanos >= 0n).toBe(true);
          else expect(result.error).toMatch(/\(character \d+\)$/);
          if (result.ok) expect(checkExpression(text, "cpu").ok).toBe(true);
        },
      ),
    );
  });
});
