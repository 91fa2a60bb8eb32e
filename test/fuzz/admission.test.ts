import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GatheredInjection } from "../../src/cluster/gatherInjection.ts";
import type { JsonPatch } from "../../src/core/kube/jsonPatch.ts";
import { isTooDeep } from "../../src/core/kube/nesting.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/kube/object.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import { type AdmissionHandler, reviewBy } from "../../src/webhook/admissionHandlers.ts";
import { type AdmissionRequest, parseAdmissionReview } from "../../src/webhook/admissionReview.ts";
import { admitPod } from "../../src/webhook/admitPod.ts";
import { judgeSidecarSet, mutateSidecarSet, patchesPodMetadata } from "../../src/webhook/admitSidecarSet.ts";
import { aSidecarSet } from "../aSidecarSet.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { anyJson, anyText, jsonText, mutated } from "./mutation.ts";
import { canonical, expectKept, expectSameOfOthers, patched } from "./patchedPod.ts";
import { INJECTING_SETS, pods, reviewOf, sidecarSets } from "./validDocuments.ts";

const KNOWN_SETS = INJECTING_SETS.map((spec, index) => aSidecarSet(spec, { name: `set-${index}` }));
const GATHERED: GatheredInjection = { sidecarSets: KNOWN_SETS, revisions: [], namespaceLabels: {} };
const VALIDATION = {
  existing: KNOWN_SETS,
  revisions: KNOWN_SETS.map((set) => revisionOf(set, { revision: 1, collisionCount: 0 })),
  metadataRules: { allowedByDefault: false, whitelist: '{"rules":[{"allowedAnnotationKeyExprs":["^x$"]}]}' },
};

const HANDLERS = new Map<string, AdmissionHandler>([
  ["pods", (request) => admitPod(request, GATHERED, { now: 0 })],
  ["hashes", mutateSidecarSet],
  [
    "validation",
    (request) => {
      patchesPodMetadata(request);
      return judgeSidecarSet(request, VALIDATION);
    },
  ],
]);

/** Everything the webhook does with a text, at each of its paths. */
async function answerEverywhere(text: string): Promise<void> {
  const request = parseAdmissionReview(text);
  if (!request.ok) {
    expect(request.error).not.toBe("");
    return;
  }
  for (const handler of HANDLERS.values()) {
    const review = await reviewBy(handler, request.value);
    expect(JSON.parse(JSON.stringify(review))).toHaveProperty("response.allowed");
  }
}

function podRequest(pod: JsonObject): AdmissionRequest {
  const parsed = parseAdmissionReview(JSON.stringify(reviewOf("pods", {})));
  if (!parsed.ok) throw new Error(parsed.error);
  return { ...parsed.value, object: pod };
}

/** The patch for the pod, unless it is refused. */
function injectionOf(pod: JsonObject, now = 0): JsonPatch | undefined {
  const answer = admitPod(podRequest(pod), GATHERED, { now });
  return answer.allowed ? answer.patch : undefined;
}

describe("whatever arrives at the webhook", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("is answered", () => {
    const reviews = fc.oneof(
      mutated(pods.map((pod) => reviewOf("pods", pod))),
      mutated(fc.tuple(sidecarSets, sidecarSets).map(([set, old]) => reviewOf("sidecarsets", set, old))),
      mutated(fc.tuple(pods, sidecarSets).map(([pod, set]) => reviewOf("pods", set, pod))),
      anyJson.map(jsonText),
      anyText,
    );
    return fuzz(reviews, answerEverywhere);
  });

  it("a pod's patch means the same to all who apply it, keeps what the pod had and is not given twice", () => {
    return fuzz(mutated(pods), (text) => {
      const pod = JSON.parse(text) as Json;
      if (!isJsonObject(pod) || isTooDeep(pod)) return;
      const patch = injectionOf(pod);
      if (patch === undefined) return;
      const after = patched(pod, patch);
      expect(canonical(JSON.parse(text))).toBe(canonical(pod));
      expectSameOfOthers(text, patch, after);
      expectKept(pod, after);
      expect(injectionOf(after, 3_600_000)).toEqual([]);
    });
  });
});
