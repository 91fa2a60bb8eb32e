import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchSidecarSets } from "../../src/core/injection/matchSidecarSets.ts";
import { type PodEntry, planRegistration } from "../../src/core/injection/registration/planRegistration.ts";
import { compileSelector, type LabelSelector, type Labels } from "../../src/core/kube/labelSelector.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import { aSidecarSet } from "../aSidecarSet.ts";

const NAME = "kubernetes.io/metadata.name";
const MARK = "sidecarset.kruise.io/inject";
const EXCLUDED = ["ns-0"];

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
  aSelector(fc.constant(NAME), namespaceName),
  aSelector(fc.constantFrom("team", NAME), fc.oneof(value, namespaceName)),
);
const sidecarSets = fc
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
const pod = fc.record({
  labels: fc.option(fc.dictionary(podKey, podValue, { maxKeys: 4 }), { nil: undefined }),
  namespace: namespaceName,
  namespaceLabels: fc.dictionary(fc.constantFrom("team", "zone/env"), value, { maxKeys: 2 }),
});
type SentPod = typeof pod extends fc.Arbitrary<infer P> ? P : never;

describe("the derived registration", () => {
  it("sends every pod that a SidecarSet selects to the entry of its failure policy, and no other where it says so", () => {
    let exact = 0;
    let withConditions = 0;
    fc.assert(
      fc.property(sidecarSets, fc.array(pod, { minLength: 1, maxLength: 20 }), (sets, pods) => {
        const { entries } = planRegistration({ sidecarSets: sets, excludedNamespaces: EXCLUDED });
        for (const policy of ["Fail", "Ignore"] as const) {
          const entry = entries.find(({ failurePolicy }) => failurePolicy === policy);
          const its = sets.filter(({ spec }) => (spec.injectionStrategy.failurePolicy ?? "Fail") === policy);
          if (entry?.widened.length === 0) exact++;
          if (entry?.matchCondition !== undefined) withConditions++;
          for (const one of pods) {
            const selected = isSelected(its, one);
            const sent = entry !== undefined && isSent(entry, one);
            if (selected) expect(sent).toBe(true);
            else if (entry?.widened.length === 0) expect(sent).toBe(false);
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(exact).toBeGreaterThan(300);
    expect(withConditions).toBeGreaterThan(200);
  });

  it("without match conditions is wider, never narrower", () => {
    fc.assert(
      fc.property(sidecarSets, fc.array(pod, { minLength: 1, maxLength: 10 }), (sets, pods) => {
        const plan = planRegistration({ sidecarSets: sets, excludedNamespaces: EXCLUDED, refuses: () => "too old" });
        for (const one of pods) {
          if (isSelected(sets, one)) expect(plan.entries.some((entry) => isSent(entry, one))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("names a set as widened exactly where its selection could not be told", () => {
    fc.assert(
      fc.property(sidecarSets, (sets) => {
        const { entries, without } = planRegistration({ sidecarSets: sets });
        const named = new Set(entries.flatMap(({ widened }) => widened.flatMap((one) => one.sidecarSets)));
        for (const name of named) expect(without.has(name)).toBe(false);
        if (sets.length === 1) expect([...named]).toEqual([]);
      }),
    );
  });
});

function isSelected(sets: readonly SidecarSet[], { labels = {}, namespace, namespaceLabels }: SentPod): boolean {
  if (EXCLUDED.includes(namespace)) return false;
  const all = { ...namespaceLabels, [NAME]: namespace };
  return matchSidecarSets(sets, { labels, annotations: {}, namespace, namespaceLabels: all }).selected.length > 0;
}

/** As an API server decides: the selectors, then the condition. */
function isSent(entry: PodEntry, { labels, namespace, namespaceLabels }: SentPod): boolean {
  if (!matches(entry.namespaceSelector, { ...namespaceLabels, [NAME]: namespace })) return false;
  if (!matches(entry.objectSelector, labels ?? {})) return false;
  if (entry.matchCondition === undefined) return true;
  const metadata = labels === undefined || Object.keys(labels).length === 0 ? {} : { labels };
  const answer: unknown = cel.evaluate(entry.matchCondition, { object: { metadata }, request: { namespace } });
  expect(answer).toBeTypeOf("boolean");
  return answer === true;
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
