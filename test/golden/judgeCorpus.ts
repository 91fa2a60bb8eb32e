import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/core/kube/object.ts";
import { deviationOf } from "./deviations.ts";
import type { GoldenCase } from "./goldenCase.ts";
import { firstDifference, type Judge } from "./judge.ts";
import { JUDGES } from "./judges.ts";

export const OWN_RESULTS = join(import.meta.dirname, "ownResults");

export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "deviating"; readonly id: string; readonly ours: Json }
  | { readonly kind: "failed"; readonly why: string };

/** Each case of a corpus, by name. A corpus without code behind it fails as a whole. */
export function judgeCorpus(corpus: string, cases: readonly GoldenCase[]): ReadonlyMap<string, Outcome> {
  const judge = JUDGES[corpus];
  const recorded = ownResultsOf(corpus);
  return new Map(
    cases.map((testCase): [string, Outcome] => [
      testCase.name,
      judge
        ? judgeCase(corpus, testCase, judge, recorded)
        : { kind: "failed", why: "no code stands behind this corpus" },
    ]),
  );
}

function judgeCase(corpus: string, testCase: GoldenCase, judge: Judge, recorded: ReadonlyMap<string, Json>): Outcome {
  try {
    const judgement = judge(testCase);
    const deviation = deviationOf(corpus, testCase);
    if (!deviation)
      return judgement.agrees ? { kind: "passed" } : { kind: "failed", why: judgement.difference ?? "differs" };
    if (judgement.agrees)
      return { kind: "failed", why: `the deviation ${deviation.id} is stale: the results are equal` };
    const change = firstDifference(judgement.ours, recorded.get(testCase.name), "$");
    if (recorded.has(testCase.name) && change !== undefined) {
      return { kind: "failed", why: `${deviation.id}: our own recorded result has changed, ${change}` };
    }
    return { kind: "deviating", id: deviation.id, ours: judgement.ours };
  } catch (error) {
    return { kind: "failed", why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** What we answer in cases that deviate; `npm run golden -- --record` writes it. */
export function ownResultsOf(corpus: string): ReadonlyMap<string, Json> {
  const file = join(OWN_RESULTS, `${corpus}.json`);
  return new Map(
    existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, Json>) : [],
  );
}
