import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sidecarSetReader } from "../../src/cluster/readSidecarSet.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { convertSidecarSet } from "../../src/core/sidecarSet/convertSidecarSet.ts";
import { sidecarSetHashes } from "../../src/core/sidecarSet/hash.ts";
import { lintSidecarSet } from "../../src/core/sidecarSet/lint/lintSidecarSet.ts";
import { warningTexts } from "../../src/core/sidecarSet/lint/warningTexts.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { restoreRevision, revisionOf } from "../../src/core/sidecarSet/revision.ts";
import { validateSidecarSet } from "../../src/core/sidecarSet/validateSidecarSet.ts";
import { compileGoPattern } from "../../src/webhook/goPattern.ts";
import { aSidecarSet } from "../aSidecarSet.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { anyJson, anyText, jsonText, mutated } from "./mutation.ts";
import { sidecarSets } from "./validDocuments.ts";

const texts = fc.oneof({ arbitrary: mutated(sidecarSets), weight: 5 }, { arbitrary: anyJson.map(jsonText), weight: 1 });

describe("whatever is called a SidecarSet", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("is read or refused by name of the field, hashed, recorded, judged and converted", async () => {
    await fuzz(fc.tuple(texts, fc.constantFrom("v1alpha1", "v1beta1")), ([text, version]) => {
      const raw = JSON.parse(text) as unknown;
      judge(raw, raw);
      const converted = convertSidecarSet(raw, version);
      if (converted.ok) {
        const again = convertSidecarSet(converted.value, version);
        expect(again.ok && JSON.stringify(again.value)).toBe(JSON.stringify(converted.value));
        expect(parseSidecarSet(converted.value).ok).toBe(true);
      }
      const set = parseSidecarSet(raw);
      if (!set.ok) {
        expect(set.error.every(({ field, detail }) => typeof field === "string" && detail !== "")).toBe(true);
        return;
      }
      const hashes = sidecarSetHashes(set.value);
      expect(hashes.hash).toMatch(/^[a-z0-9]+$/);
      const revision = revisionOf(set.value, { revision: 1, collisionCount: 0 });
      const restored = restoreRevision(set.value, JSON.parse(JSON.stringify(revision)));
      expect(restored.ok, restored.ok ? "" : restored.error).toBe(true);
    });
  });

  it("what is told about it is short, and nothing when it stays as it is", async () => {
    await fuzz(fc.tuple(texts, texts), ([text, oldText]) => {
      const [sidecarSet, old] = [JSON.parse(text) as unknown, JSON.parse(oldText) as unknown];
      for (const given of [{ sidecarSet }, { sidecarSet, old, namespaces: [] }]) {
        const warnings = warningTexts(lintSidecarSet(given));
        expect(warnings.every((warning) => warning.length <= 256)).toBe(true);
        expect(warnings.join("").length).toBeLessThanOrEqual(4096);
      }
      expect(lintSidecarSet({ sidecarSet, old: sidecarSet })).toEqual([]);
    });
  });

  it("is judged by any white list, beside what it replaces", async () => {
    const whitelists = fc.oneof(mutated(fc.constant(WHITELIST)), anyText);
    await fuzz(fc.tuple(texts, sidecarSets, whitelists), ([text, other, whitelist]) => {
      const raw = JSON.parse(text) as unknown;
      judge(raw, other, whitelist);
      judge(other, raw, whitelist);
    });
  });

  it("reading what stands in the cluster never fails", async () => {
    const read = sidecarSetReader(() => {});
    await fuzz(mutated(sidecarSets), (text) => {
      const object = JSON.parse(text) as KubeObject | null;
      if (object?.metadata) read(object);
    });
  });
});

const EXISTING = [aSidecarSet()];
const WHITELIST = {
  rules: [
    { selector: { matchLabels: { app: "web" } }, allowedAnnotationKeyExprs: ["^x$", "^constructor$"] },
    { allowedAnnotationKeyExprs: [".*"], allowedLabelKeyExprs: ["^team$"] },
  ],
};

function judge(sidecarSet: unknown, old: unknown, whitelist?: string): void {
  const metadataRules = { allowedByDefault: whitelist === undefined, ...(whitelist !== undefined && { whitelist }) };
  const rest = { existing: EXISTING, revisions: [], metadataRules };
  const errors = validateSidecarSet({ ...rest, sidecarSet, old, compilePattern: compileGoPattern });
  expect(errors.every(({ field, detail }) => typeof field === "string" && detail !== "")).toBe(true);
}
