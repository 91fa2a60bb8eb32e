import type { JsonObject } from "../../src/core/kube/object.ts";
import type { GoldenCase } from "./goldenCase.ts";

/** Something we do differently on purpose. Each has a row in docs/reference/differences.md under its id. */
export interface Deviation {
  readonly id: string;
  readonly corpora: readonly string[];
  /** What we do instead, in one line. */
  readonly rule: string;
  /** Which cases it concerns: those of a quirk, or those whose input satisfies a condition; never named cases. */
  readonly quirk?: string;
  readonly concerns?: (input: JsonObject) => boolean;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    id: "empty-source-name",
    corpora: ["defaulting"],
    rule: "a transferEnv entry with sourceContainerNameFrom: {} is read and refused by validation, it does not crash",
    quirk: "transfer-env-empty-name-from-panics",
  },
];

export function deviationOf(corpus: string, testCase: GoldenCase): Deviation | undefined {
  return DEVIATIONS.find(
    ({ corpora, quirk, concerns }) =>
      corpora.includes(corpus) &&
      (quirk === undefined || quirk === testCase.quirk) &&
      (concerns === undefined || concerns(testCase.input)),
  );
}
