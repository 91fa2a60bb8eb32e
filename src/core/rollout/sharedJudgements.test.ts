import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { SharedJudgements } from "./sharedJudgements.ts";

const rules = rolloutRules(aSidecarSet({ updateStrategy: { selector: { matchLabels: { canary: "true" } } } }));

describe("a shared judgement", () => {
  it("says what the pod's own one says, whatever was judged before", () => {
    const traits = fc.record({
      hash: fc.constantFrom("old", "new"),
      hashWithoutImage: fc.constantFrom("same", "other"),
      ready: fc.boolean(),
      phase: fc.constantFrom("Running", "Pending", "Succeeded"),
      revision: fc.constantFrom("r1", "r2"),
      labels: fc.constantFrom<Record<string, string>[]>({}, { canary: "true" }, { canary: "false" }),
      deleting: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(traits, { maxLength: 40 }), (pods) => {
        const shared = new SharedJudgements();
        for (const pod of pods) {
          const judgement = judgePod(podFacts(aPod(pod), rules));
          expect(shared.of(judgement)).toEqual(judgement);
        }
      }),
    );
  });

  it("is one object for pods of which the same is said, also why they are left alone", () => {
    const shared = new SharedJudgements();
    const judged = (name: string, canary: string) =>
      shared.of(judgePod(podFacts(aPod({ name, labels: { canary } }), rules)));
    expect(judged("web-1", "true")).toBe(judged("web-2", "true"));
    expect(judged("web-3", "no")).toBe(judged("web-4", "no"));
    expect(judged("web-5", "never")).not.toBe(judged("web-6", "no"));
  });
});
