import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../src/core/kube/object.ts";
import { isJsonList, isJsonObject } from "../../src/core/kube/object.ts";
import type { GoldenCase } from "./goldenCase.ts";
import { normalise } from "./normalise.ts";

/**
 * Runs our code on a case's input. A judge lives in `judges/<corpus>.ts` and is registered in `judges.ts`; when it passes, copy
 * the corpus into `cases/` and `npm test` holds it. What we do differently on purpose goes into `deviations.ts`.
 */
export type Judge = (testCase: GoldenCase) => Judgement;

export interface Judgement {
  readonly agrees: boolean;
  /** Our result in comparable form; recorded in `ownResults/` for cases that deviate. */
  readonly ours: Json;
  /** Where the two first differ, for the reader of a failure. */
  readonly difference?: string;
}

/** Agreement means equality after normalising both sides. */
export function compare(ours: unknown, expected: unknown): Judgement {
  const [left, right] = [normalise(ours), normalise(expected)];
  const difference = firstDifference(left, right, "$");
  return difference === undefined ? { agrees: true, ours: left } : { agrees: false, ours: left, difference };
}

export function firstDifference(ours: Json | undefined, expected: Json | undefined, path: string): string | undefined {
  if (isDeepStrictEqual(ours, expected)) return undefined;
  if (isJsonList(ours) && isJsonList(expected) && ours.length === expected.length) {
    return firstOf(ours.map((item, index) => firstDifference(item, expected[index], `${path}[${index}]`)));
  }
  if (isJsonObject(ours) && isJsonObject(expected)) {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(expected)])];
    return firstOf(keys.map((key) => firstDifference(ours[key], expected[key], `${path}.${key}`)));
  }
  return `${path}: ours ${JSON.stringify(ours)}, expected ${JSON.stringify(expected)}`;
}

function firstOf(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((difference) => difference !== undefined);
}
