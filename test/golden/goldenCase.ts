import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/core/kube/object.ts";

/** One input and what OpenKruise makes of it. */
export interface GoldenCase {
  /** Unique within its corpus. */
  readonly name: string;
  readonly features: readonly string[];
  /** A behaviour nobody would guess; a deviation may refer to it. */
  readonly quirk?: string;
  readonly input: JsonObject;
  readonly expected: JsonObject;
}

/** Every corpus of a folder. The numbered files `upgrade-batch-1.json`, `-2` … are one corpus. */
export function loadCorpora(folder: string): ReadonlyMap<string, readonly GoldenCase[]> {
  const corpora = new Map<string, GoldenCase[]>();
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()) {
    const corpus = file.replace(/(-[0-9]+)?\.json$/, "");
    const cases = JSON.parse(readFileSync(join(folder, file), "utf8")) as GoldenCase[];
    corpora.set(corpus, [...(corpora.get(corpus) ?? []), ...cases]);
  }
  return corpora;
}
