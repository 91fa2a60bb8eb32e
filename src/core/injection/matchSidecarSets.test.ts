import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { type Candidate, matchSidecarSets } from "./matchSidecarSets.ts";

const POD: Candidate = {
  labels: { app: "web", tier: "front" },
  annotations: {},
  namespace: "pay",
  namespaceLabels: { team: "a" },
};

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
    [
      "another namespace",
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } },
      "I02",
      "the SidecarSet is for namespace shop, the pod lives in pay",
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

describe("a pod that wants no sidecar", () => {
  const INJECT = "sidecarset.kruise.io/inject";
  const SKIP = "sidecarset.kruise.io/skip";
  const matched = (pod: Partial<Candidate>, ...sets: readonly SidecarSet[]) =>
    matchSidecarSets(sets.length > 0 ? sets : [named("logging", {})], { ...POD, ...pod });

  it.each([
    ["by label", { labels: { ...POD.labels, [INJECT]: "false" } }, `the pod has the label ${INJECT}=false`],
    ["by annotation", { annotations: { [INJECT]: "false" } }, `the pod has the annotation ${INJECT}=false`],
    ["by name", { annotations: { [SKIP]: "mesh, logging" } }, `the pod has the annotation ${SKIP}=mesh, logging`],
  ])("gets none when it says so %s", (_, pod, message) => {
    const { selected, skipped, warnings } = matched(pod);
    expect(selected).toEqual([]);
    expect(skipped).toMatchObject([{ sidecarSet: "logging", reason: { code: "I12", because: "optedOut", message } }]);
    expect(warnings).toEqual([]);
  });

  it("gets the others when it names one", () => {
    const { selected } = matched({ annotations: { [SKIP]: "a" } }, named("a", {}), named("b", {}));
    expect(namesOf(selected)).toEqual(["b"]);
  });

  it("gets neither a base that it names nor the canary of it", () => {
    const annotations = { "apps.kruise.io/sidecarset-canary": "true", "apps.kruise.io/sidecarset-base": "base" };
    const { selected } = matched(
      { annotations: { [SKIP]: "base" } },
      named("base", {}),
      aSidecarSet({}, { annotations }),
    );
    expect(selected).toEqual([]);
  });

  it("is not asked by a set that denies it, and is told so", () => {
    const set = aSidecarSet({ injectionStrategy: { optOut: "Deny" } });
    const { selected, warnings } = matched({ annotations: { [INJECT]: "false" } }, set);
    expect(selected).toEqual([set]);
    expect(warnings).toEqual([
      `the pod has the annotation ${INJECT}=false, but SidecarSet logging is injected all the same: its optOut is Deny`,
    ]);
  });

  it("is told when its mark means nothing", () => {
    const { selected, warnings } = matched({ annotations: { [INJECT]: "no" } });
    expect(namesOf(selected)).toEqual(["logging"]);
    expect(warnings).toEqual([
      `the pod's annotation ${INJECT} is "no" and changes nothing: only "false" keeps sidecars away`,
    ]);
  });
});

describe("the order of SidecarSets", () => {
  it("is their own order first", () => {
    const sets = [
      named("a", { injectionStrategy: { order: 5 } }),
      named("b", {}),
      named("z", { injectionStrategy: { order: -1 } }),
    ];
    expect(namesOf(matchSidecarSets(sets, POD).selected)).toEqual(["z", "b", "a"]);
  });

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

  it("of a canary of its own leaves none of the two", () => {
    const { selected, skipped } = matchSidecarSets([canary("c1", "c2"), canary("c2", "c1")], POD);
    expect(selected).toEqual([]);
    expect(skipped.map(({ sidecarSet }) => sidecarSet)).toEqual(["c1", "c2"]);
  });
});

function named(name: string, spec: Record<string, unknown>): SidecarSet {
  return aSidecarSet(spec, { name });
}

function namesOf(sets: readonly SidecarSet[]): readonly string[] {
  return sets.map(({ name }) => name);
}
