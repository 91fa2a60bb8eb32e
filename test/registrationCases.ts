import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { matchSidecarSets } from "../src/core/injection/matchSidecarSets.ts";
import type { PodEntry } from "../src/core/injection/registration/planRegistration.ts";
import { compileSelector, type LabelSelector, type Labels } from "../src/core/kube/labelSelector.ts";
import type { SidecarSet } from "../src/core/sidecarSet/sidecarSet.ts";
import { aSidecarSet } from "./aSidecarSet.ts";

// SidecarSets and pods over few keys and values, so that they meet.

const NAMESPACE_NAME = "kubernetes.io/metadata.name";
export const EXCLUDED = ["ns-0"];
const MARK = "sidecarset.kruise.io/inject";

const cel = new Environment({ limits: { maxListElements: 10_000 } })
  .registerVariable("object", "dyn")
  .registerVariable("request", "dyn");

const value = fc.constantFrom("a", "b", "c", "");
const podKey = fc.constantFrom("app", "example.com/tier", "x.y-z", MARK);
const podValue = fc.oneof(value, fc.constant("false"));
const namespaceName = fc.constantFrom("ns-0", "ns-1", "ns-2", "ns-3");

const podSelector = aSelector(podKey, podValue);
const namespaceSelector = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  aSelector(fc.constantFrom("team", "zone/env"), value),
  aSelector(fc.constant(NAMESPACE_NAME), namespaceName),
  aSelector(fc.constantFrom("team", NAMESPACE_NAME), fc.oneof(value, namespaceName)),
);
export const sidecarSets = fc
  .array(
    fc.record({
      selector: podSelector,
      namespaceSelector,
      failurePolicy: fc.constantFrom("Fail", "Ignore", undefined),
      optOut: fc.constantFrom("Allow", "Deny"),
      paused: fc.nat(4).map((drawn) => drawn === 0),
    }),
    { maxLength: 5 },
  )
  .map((specs) =>
    specs.map(({ selector, namespaceSelector: namespaces, ...strategy }, index) => {
      const injectionStrategy = Object.fromEntries(Object.entries(strategy).filter(([, given]) => given !== undefined));
      const bounded = namespaces === undefined ? {} : { namespaceSelector: namespaces };
      return aSidecarSet({ selector, ...bounded, injectionStrategy }, { name: `set-${index}`, uid: `${index}` });
    }),
  );
export const sentPod: fc.Arbitrary<SentPod> = fc.record({
  labels: fc.option(fc.dictionary(podKey, podValue, { maxKeys: 4 }), { nil: undefined }),
  namespace: namespaceName,
  namespaceLabels: fc.dictionary(fc.constantFrom("team", "zone/env"), value, { maxKeys: 2 }),
});

export interface SentPod {
  readonly labels: Labels | undefined;
  readonly namespace: string;
  readonly namespaceLabels: Labels;
}

export function isSelected(sets: readonly SidecarSet[], { labels = {}, namespace, namespaceLabels }: SentPod): boolean {
  if (EXCLUDED.includes(namespace)) return false;
  const all = { ...namespaceLabels, [NAMESPACE_NAME]: namespace };
  return matchSidecarSets(sets, { labels, annotations: {}, namespace, namespaceLabels: all }).selected.length > 0;
}

/** As an API server decides: the selectors, then the condition. */
export function isSent(entry: PodEntry, { labels, namespace, namespaceLabels }: SentPod): boolean {
  if (!matches(entry.namespaceSelector, { ...namespaceLabels, [NAMESPACE_NAME]: namespace })) return false;
  if (!matches(entry.objectSelector, labels ?? {})) return false;
  if (entry.matchCondition === undefined) return true;
  const metadata = labels === undefined || Object.keys(labels).length === 0 ? {} : { labels };
  const answer: unknown = cel.evaluate(entry.matchCondition, { object: { metadata }, request: { namespace } });
  if (typeof answer !== "boolean") throw new Error(`${entry.matchCondition} is ${String(answer)}`);
  return answer;
}

function matches(selector: LabelSelector, labels: Labels): boolean {
  const compiled = compileSelector(selector);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value.matches(labels);
}

function aSelector(key: fc.Arbitrary<string>, values: fc.Arbitrary<string>): fc.Arbitrary<LabelSelector> {
  const expression = fc.oneof(
    fc.record({
      key,
      operator: fc.constantFrom("In" as const, "NotIn" as const),
      values: fc.uniqueArray(values, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
  );
  return fc.record(
    {
      matchLabels: fc.dictionary(key, values, { maxKeys: 2 }),
      matchExpressions: fc.array(expression, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
}
