import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { type Candidate, matchSidecarSets } from "./matchSidecarSets.ts";

const POD: Candidate = { labels: { app: "web", tier: "front" }, namespace: "pay", namespaceLabels: { team: "a" } };

describe("which SidecarSets select a pod", () => {
  it.each([
    [
      "another label value",
      { selector: { matchLabels: { app: "db" } } },
      "I01",
      "spec.selector wants app=db, the pod has app=web",
    ],
    [
      "a label the pod lacks",
      { selector: { matchLabels: { gpu: "yes" } } },
      "I01",
      "spec.selector wants gpu=yes, the pod has no label gpu",
    ],
    [
      "an expression",
      { selector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["front"] }] } },
      "I01",
      "spec.selector wants tier!=front, the pod has tier=front",
    ],
    ["an empty selector", { selector: {} }, "I01", "spec.selector is empty and selects no pod"],
    ["no selector", { selector: undefined }, "I01", "spec.selector is empty and selects no pod"],
    [
      "another namespace label",
      { namespaceSelector: { matchLabels: { team: "b" } } },
      "I02",
      "spec.namespaceSelector wants team=b, namespace pay has team=a",
    ],
    ["paused injection", { injectionStrategy: { paused: true } }, "I03", "spec.injectionStrategy.paused is true"],
  ])("%s skips the set and says why", (_, spec, code, message) => {
    const { selected, skipped } = matchSidecarSets([aSidecarSet(spec)], POD);
    expect(selected).toEqual([]);
    expect(skipped).toEqual([
      { kind: "skipped", sidecarSet: "logging", reason: { code, because: expect.any(String), message } },
    ]);
  });

  it("an empty selector together with a namespaceSelector selects every pod of those namespaces", () => {
    const set = aSidecarSet({ selector: {}, namespaceSelector: { matchLabels: { team: "a" } } });
    expect(matchSidecarSets([set], POD).selected).toEqual([set]);
  });

  it("in a namespace that is not known only sets without a namespaceSelector select", () => {
    const sets = [named("any", {}), named("some", { namespaceSelector: {} })];
    expect(namesOf(matchSidecarSets(sets, { ...POD, namespaceLabels: undefined }).selected)).toEqual(["any"]);
  });
});

describe("the order of SidecarSets", () => {
  it("is those bound to the pod's namespace by its name, then the others, each by name", () => {
    const label = "kubernetes.io/metadata.name";
    const pod = { ...POD, namespaceLabels: { [label]: "pay" } };
    const sets = [
      named("b", {}),
      named("z", { namespaceSelector: { matchExpressions: [{ key: label, operator: "In", values: ["x", "pay"] }] } }),
      named("a", {}),
      named("y", { namespaceSelector: { matchLabels: { [label]: "pay" } } }),
    ];
    expect(namesOf(matchSidecarSets(sets, pod).selected)).toEqual(["y", "z", "a", "b"]);
  });
});

describe("a canary", () => {
  const canary = (name: string, base: string, spec: Record<string, unknown> = {}) =>
    aSidecarSet(spec, {
      name,
      annotations: { "apps.kruise.io/sidecarset-canary": "true", "apps.kruise.io/sidecarset-base": base },
    });

  it("takes the place of its base", () => {
    const { selected, skipped } = matchSidecarSets([named("base", {}), canary("canary", "base")], POD);
    expect(namesOf(selected)).toEqual(["canary"]);
    expect(skipped).toMatchObject([{ sidecarSet: "base", reason: { code: "I07", because: "canaryWins" } }]);
  });

  it("that does not apply leaves the base alone", () => {
    const paused = canary("canary", "base", { injectionStrategy: { paused: true } });
    expect(namesOf(matchSidecarSets([named("base", {}), paused], POD).selected)).toEqual(["base"]);
  });

  it("hides its base also when it is itself hidden by another canary", () => {
    const sets = [named("base", {}), canary("c1", "base"), canary("c2", "c1")];
    expect(namesOf(matchSidecarSets(sets, POD).selected)).toEqual(["c2"]);
  });
});

function named(name: string, spec: Record<string, unknown>): SidecarSet {
  return aSidecarSet(spec, { name });
}

function namesOf(sets: readonly SidecarSet[]): readonly string[] {
  return sets.map(({ name }) => name);
}
