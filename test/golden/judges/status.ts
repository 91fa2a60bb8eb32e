import type { JsonObject } from "../../../src/core/kube/object.ts";
import { podRecord } from "../../../src/core/pod/podRecord.ts";
import { openBook } from "../../../src/core/rollout/planRollout.ts";
import { compare, type Judge } from "../judge.ts";
import { NOW, parsedSet, planOf, podsOf } from "./rolloutCase.ts";

/** Pods that the set counts have a verdict that says what an upgrade would do to them. */
const NOT_COUNTED = new Set(["notInjected", "containerMissing", "inactivePod"]);

export const status: Judge = ({ input, expected }) => {
  const set = parsedSet(input.sidecarSet);
  const namespaces = new Map(
    (input.namespaces as unknown as readonly { metadata: { name: string; labels?: Record<string, string> } }[]).map(
      ({ metadata }) => [metadata.name, metadata.labels ?? {}],
    ),
  );
  const book = openBook({ set, pods: podsOf(input).map(podRecord), namespaces });
  const { observedGeneration, matchedPods, updatedPods, readyPods, updatedReadyPods } = planOf(book, set).status!;
  const counters = { observedGeneration, matchedPods, updatedPods, readyPods, updatedReadyPods };
  const matched = [...book.verdicts(Date.parse(NOW))].flatMap(([pod, verdict]) =>
    "because" in verdict && NOT_COUNTED.has(verdict.because) ? [] : [pod],
  );
  const recorded = { observedGeneration: 0, ...(expected.status as JsonObject) };
  return compare({ matched: matched.sort(), status: counters }, { matched: expected.matched, status: recorded });
};
