import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/core/kube/pod.ts";
import { compareInjection } from "../../src/core/migration/injectionDifferences.ts";
import { deviationOf } from "./deviations.ts";
import { type GoldenCase, loadCorpora } from "./goldenCase.ts";
import { injectionInput, type RecordedInput } from "./judges/injection.ts";

const cases = (loadCorpora(join(import.meta.dirname, "cases")).get("injection") ?? []).filter(
  ({ input, expected }) => expected.injected === true && input.operation !== "UPDATE",
);

describe("pods as OpenKruise has made them, observed beside it,", () => {
  it("differ from ours only where we deviate on purpose", () => {
    const found = cases.flatMap((one) => {
      const differences = observed(one).differences.map(
        ({ kind, about, theirs, ours }) => `${kind} ${about}: ${theirs} / ${ours}`,
      );
      const deviation = deviationOf("injection", one);
      return differences.length > 0 && !deviation ? [[one.name, differences] as const] : [];
    });
    expect(Object.fromEntries(found)).toEqual({});
  });

  it("are compared, nearly all of them", () => {
    const compared = cases.filter((one) => observed(one).compared.length > 0);
    expect(compared.length).toBeGreaterThan(cases.length * 0.9);
  });
});

function observed({ input, expected }: GoldenCase) {
  const { sidecarSets, revisions, namespaceLabels, compilePattern } = injectionInput(input as unknown as RecordedInput);
  const text = JSON.stringify(expected.pod).replaceAll("<now>", "2031-02-03T04:05:06Z");
  const pod = JSON.parse(text) as Pod;
  return compareInjection({ pod, namespaceLabels, sidecarSets, revisions, compilePattern });
}
