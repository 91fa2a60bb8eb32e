import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Json } from "../../src/core/kube/object.ts";
import { loadCorpora } from "./goldenCase.ts";
import { judgeCorpus, type Outcome, OWN_RESULTS } from "./judgeCorpus.ts";

const CASES = join(import.meta.dirname, "cases");

const { values: options } = parseArgs({
  options: {
    dir: { type: "string", default: CASES },
    corpus: { type: "string" },
    json: { type: "boolean", default: false },
    /** Writes what we answer in deviating cases into ownResults/, to be read before it is committed. */
    record: { type: "boolean", default: false },
  },
});

interface CorpusReport {
  readonly corpus: string;
  readonly passed: number;
  readonly failed: number;
  readonly deviating: number;
  readonly failures: readonly string[];
}

const reports = [...loadCorpora(resolve(options.dir))]
  .filter(([corpus]) => options.corpus === undefined || options.corpus === corpus)
  .map(([corpus, cases]) => {
    const outcomes = judgeCorpus(corpus, cases);
    const failed = [...outcomes].filter(([, outcome]) => outcome.kind === "failed");
    if (options.record) record(corpus, outcomes);
    if (!options.json) print(corpus, outcomes);
    return reportOf(
      corpus,
      outcomes,
      failed.map(([name]) => name),
    );
  });

if (options.json) console.log(JSON.stringify({ corpora: reports }));
if (reports.length === 0) console.error(`no corpus found in ${options.dir}`);
process.exitCode = reports.length === 0 || reports.some(({ failed }) => failed > 0) ? 1 : 0;

function reportOf(corpus: string, outcomes: ReadonlyMap<string, Outcome>, failures: readonly string[]): CorpusReport {
  const count = (kind: Outcome["kind"]) => [...outcomes.values()].filter((outcome) => outcome.kind === kind).length;
  return { corpus, passed: count("passed"), failed: count("failed"), deviating: count("deviating"), failures };
}

function print(corpus: string, outcomes: ReadonlyMap<string, Outcome>): void {
  const { passed, failed, deviating } = reportOf(corpus, outcomes, []);
  console.log(`${corpus.padEnd(20)} ${passed} passed, ${failed} failed, ${deviating} deviating`);
  const reasons = [...outcomes].flatMap(([name, outcome]) => (outcome.kind === "failed" ? [[name, outcome.why]] : []));
  const [first] = reasons;
  if (first && reasons.every(([, why]) => why === first[1])) console.log(`  all: ${first[1]}`);
  else for (const [name, why] of reasons) console.log(`  ${name}\n    ${why}`);
}

function record(corpus: string, outcomes: ReadonlyMap<string, Outcome>): void {
  const results = [...outcomes].flatMap(([name, outcome]): [string, Json][] =>
    outcome.kind === "deviating" ? [[name, outcome.ours]] : [],
  );
  if (results.length === 0) return;
  const lines = results.map(([name, ours]) => `${JSON.stringify(name)}: ${JSON.stringify(ours)}`);
  writeFileSync(join(OWN_RESULTS, `${corpus}.json`), `{\n${lines.join(",\n")}\n}\n`);
}
