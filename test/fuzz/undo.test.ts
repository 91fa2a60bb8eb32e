import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeSorted } from "../../src/core/kube/goJson.ts";
import { applyMergePatch } from "../../src/core/kube/mergePatch.ts";
import { isJsonObject, type JsonObject } from "../../src/core/kube/object.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionData, revisionOf } from "../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import { undoPatch } from "../../src/core/sidecarSet/undoPatch.ts";
import { validateSidecarSet } from "../../src/core/sidecarSet/validateSidecarSet.ts";
import { compileGoPattern } from "../../src/webhook/goPattern.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { mutated } from "./mutation.ts";
import { validSidecarSets } from "./templates.ts";
import { sidecarSets } from "./validDocuments.ts";

const RECORDED = /^spec\.(volumes|imagePullSecrets)/;
const NOTHING_ELSE = {
  existing: [],
  revisions: [],
  metadataRules: { allowedByDefault: true },
  compilePattern: compileGoPattern,
};

/** There minus zero is zero. */
function textOf(set: SidecarSet): string {
  return encodeSorted(revisionData(set));
}

type Outcome = "wentBack" | "hadItAlready" | "neverAdmitted";

/** From the one set to the template that the other had. */
function goBack(old: unknown, now: unknown): Outcome {
  const [before, set] = [parseSidecarSet(old), parseSidecarSet(now)];
  if (!before.ok || !set.ok || !isJsonObject(now) || !isJsonObject(now.spec)) return "neverAdmitted";
  // A volume without a name, say, is read back otherwise; nobody can go back to what was never admitted.
  if (validateSidecarSet({ ...NOTHING_ELSE, sidecarSet: old }).some(({ field }) => RECORDED.test(field))) {
    return "neverAdmitted";
  }
  const revision = revisionOf(before.value, { revision: 1, collisionCount: 0 });
  const patch = undoPatch(set.value, now.spec, JSON.parse(JSON.stringify(revision)));
  if (!patch.ok) throw new Error(patch.error);
  const undone = parseSidecarSet(applyMergePatch(now, { spec: patch.value ?? {} }) as JsonObject);
  if (!undone.ok) throw new Error(JSON.stringify(undone.error));
  expect(textOf(undone.value)).toBe(textOf(before.value));
  return patch.value === undefined ? "hadItAlready" : "wentBack";
}

it("a SidecarSet that goes back to a revision has its template, whatever it has now", {
  timeout: FUZZ_TIMEOUT_MS,
}, async () => {
  const outcomes: Outcome[] = [];
  const pairs = fc.tuple(validSidecarSets, validSidecarSets).map((pair) => JSON.parse(JSON.stringify(pair)));
  await fuzz(pairs, ([old, now]: readonly [unknown, unknown]) => {
    expect(validateSidecarSet({ ...NOTHING_ELSE, sidecarSet: old })).toEqual([]);
    outcomes.push(goBack(old, now));
  });
  const wentBack = outcomes.filter((outcome) => outcome === "wentBack").length;
  expect(wentBack / outcomes.length).toBeGreaterThan(0.9);
});

it("so has one of which strange things were stored", { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const outcomes: Outcome[] = [];
  const texts = mutated(sidecarSets);
  await fuzz(fc.tuple(texts, texts), ([old, now]) => {
    outcomes.push(goBack(JSON.parse(old), JSON.parse(now)));
  });
  expect(outcomes.some((outcome) => outcome !== "neverAdmitted")).toBe(true);
});
