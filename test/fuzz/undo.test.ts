import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeSorted } from "../../src/core/kube/goJson.ts";
import { applyMergePatch } from "../../src/core/kube/mergePatch.ts";
import { isJsonObject, type JsonObject } from "../../src/core/kube/object.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionData, revisionOf } from "../../src/core/sidecarSet/revision.ts";
import { undoPatch } from "../../src/core/sidecarSet/undoPatch.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { mutated } from "./mutation.ts";
import { sidecarSets } from "./validDocuments.ts";

const texts = mutated(sidecarSets);

it("a SidecarSet that goes back to a revision has its template, whatever it has now", {
  timeout: FUZZ_TIMEOUT_MS,
}, async () => {
  let compared = 0;
  await fuzz(fc.tuple(texts, texts), ([oldText, nowText]) => {
    const [old, now] = [JSON.parse(oldText), JSON.parse(nowText)] as unknown[];
    const [before, set] = [parseSidecarSet(old), parseSidecarSet(now)];
    if (!before.ok || !set.ok || !isJsonObject(now) || !isJsonObject(now.spec)) return;
    const revision = revisionOf(before.value, { revision: 1, collisionCount: 0 });
    const patch = undoPatch(set.value, now.spec, JSON.parse(JSON.stringify(revision)));
    if (!patch.ok) throw new Error(patch.error);
    const undone = parseSidecarSet(applyMergePatch(now, { spec: patch.value ?? {} }) as JsonObject);
    if (!undone.ok) throw new Error(JSON.stringify(undone.error));
    // As texts: there minus zero is zero.
    expect(encodeSorted(revisionData(undone.value))).toBe(encodeSorted(revisionData(before.value)));
    compared += 1;
  });
  expect(compared).toBeGreaterThan(0);
});
