import fc from "fast-check";
import { expect, it } from "vitest";
import { type CompiledSelector, compileRequirements, type Requirement } from "./labelSelector.ts";
import { selectorsOverlap } from "./selectorOverlap.ts";

const requirement: fc.Arbitrary<Requirement> = fc.record({
  key: fc.constantFrom("a", "b"),
  operator: fc.constantFrom("In" as const, "NotIn" as const, "Exists" as const, "DoesNotExist" as const),
  values: fc.subarray(["1", "2", "3"], { minLength: 1 }),
});
const selector = fc.array(requirement, { maxLength: 3 }).map(compileRequirements);

/** Every assignment of a few values, one of which no selector mentions. */
const someLabels = [undefined, "1", "2", "3", "other"].flatMap((a) =>
  [undefined, "1", "2", "3", "other"].map((b) => ({ ...(a && { a }), ...(b && { b }) })),
);

it("says yes exactly when labels exist that both match", () => {
  fc.assert(
    fc.property(selector, selector, (left: CompiledSelector, right: CompiledSelector) => {
      const witness = someLabels.some((labels) => left.matches(labels) && right.matches(labels));
      expect(selectorsOverlap(left, right)).toBe(witness);
    }),
    { numRuns: 1000 },
  );
});
