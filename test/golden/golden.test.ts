import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEVIATIONS, deviationOf } from "./deviations.ts";
import { loadCorpora } from "./goldenCase.ts";
import { judgeCorpus, ownResultsOf } from "./judgeCorpus.ts";

const corpora = loadCorpora(join(import.meta.dirname, "cases"));

describe.each([...corpora])("the recorded cases of %s", (corpus, cases) => {
  const outcomes = judgeCorpus(corpus, cases);

  it("come out as recorded, or as we deviate on purpose", () => {
    const failed = [...outcomes].filter(([, outcome]) => outcome.kind === "failed");
    expect(Object.fromEntries(failed)).toEqual({});
    expect(outcomes.size).toBe(cases.length);
  });

  it("have our own result recorded exactly where we deviate", () => {
    const deviating = [...outcomes].filter(([, { kind }]) => kind === "deviating").map(([name]) => name);
    expect([...ownResultsOf(corpus).keys()].sort()).toEqual(deviating.sort());
  });
});

const RECORDED = DEVIATIONS.filter(({ unrecorded }) => !unrecorded);

describe("the deviations", () => {
  const documented = readFileSync(join(import.meta.dirname, "../../docs/reference/differences.md"), "utf8");

  it.each(DEVIATIONS.map((deviation) => [deviation.id, deviation] as const))("%s is documented", (id) => {
    expect(documented).toContain(`\`${id}\``);
  });

  it.each(RECORDED.map((deviation) => [deviation.id] as const))("%s concerns a recorded case", (id) => {
    const concerned = [...corpora].flatMap(([corpus, cases]) =>
      cases.filter((one) => deviationOf(corpus, one)?.id === id),
    );
    expect(concerned.length).toBeGreaterThan(0);
  });
});
