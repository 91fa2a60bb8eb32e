import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRegistration } from "../../src/core/injection/registration/planRegistration.ts";
import { EXCLUDED, isSelected, isSent, sentPod, sidecarSets } from "../registrationCases.ts";

describe("the derived registration", () => {
  it("sends every pod that a SidecarSet selects to the entry of its failure policy, and no other where it says so", () => {
    let exact = 0;
    let withConditions = 0;
    fc.assert(
      fc.property(sidecarSets, fc.array(sentPod, { minLength: 1, maxLength: 20 }), (sets, pods) => {
        const { entries } = planRegistration({ sidecarSets: sets, excludedNamespaces: EXCLUDED });
        for (const policy of ["Fail", "Ignore"] as const) {
          const entry = entries.find(({ failurePolicy }) => failurePolicy === policy);
          const its = sets.filter(({ spec }) => (spec.injectionStrategy.failurePolicy ?? "Fail") === policy);
          if (entry?.widened.length === 0) exact++;
          if (entry?.matchCondition !== undefined) withConditions++;
          for (const one of pods) {
            const selected = isSelected(its, one);
            const sent = entry !== undefined && isSent(entry, one);
            if (selected) expect(sent).toBe(true);
            else if (entry?.widened.length === 0) expect(sent).toBe(false);
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(exact).toBeGreaterThan(300);
    expect(withConditions).toBeGreaterThan(200);
  });

  it("without match conditions is wider, never narrower", () => {
    fc.assert(
      fc.property(sidecarSets, fc.array(sentPod, { minLength: 1, maxLength: 10 }), (sets, pods) => {
        const plan = planRegistration({ sidecarSets: sets, excludedNamespaces: EXCLUDED, refuses: () => "too old" });
        for (const one of pods) {
          if (isSelected(sets, one)) expect(plan.entries.some((entry) => isSent(entry, one))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("names a set as widened exactly where its selection could not be told", () => {
    fc.assert(
      fc.property(sidecarSets, (sets) => {
        const { entries, without } = planRegistration({ sidecarSets: sets });
        const named = new Set(entries.flatMap(({ widened }) => widened.flatMap((one) => one.sidecarSets)));
        for (const name of named) expect(without.has(name)).toBe(false);
        if (sets.length === 1) expect([...named]).toEqual([]);
      }),
    );
  });
});
