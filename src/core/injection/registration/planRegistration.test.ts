import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../../test/aSidecarSet.ts";
import type { SidecarSet } from "../../sidecarSet/sidecarSet.ts";
import { type PodEntry, planRegistration } from "./planRegistration.ts";

const NAME = "kubernetes.io/metadata.name";
const MARK = "sidecarset.kruise.io/inject";
/** Who opts out by label stays away where every set lets it. */
const NOT_OPTED_OUT = { key: MARK, operator: "NotIn", values: ["false"] };
const EXCLUDED = { key: NAME, operator: "NotIn", values: ["kube-node-lease", "kube-system", "own"] };

describe("one SidecarSet", () => {
  it("has its own selectors, outside the namespaces that are never injected", () => {
    const selector = { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "Exists" }] };
    const namespaceSelector = { matchLabels: { team: "shop" } };
    expect(entriesOf(aSet("a", { selector, namespaceSelector }))).toEqual([
      {
        failurePolicy: "Fail",
        namespaceSelector: { matchLabels: { team: "shop" }, matchExpressions: [EXCLUDED] },
        objectSelector: {
          matchLabels: { app: "web" },
          matchExpressions: [NOT_OPTED_OUT, { key: "tier", operator: "Exists" }],
        },
        widened: [],
      },
    ]);
  });

  it("that denies opting out gets the pods that opt out as well", () => {
    const [entry] = entriesOf(aSet("a", { injectionStrategy: { optOut: "Deny" } }));
    expect(entry!.objectSelector).toEqual({ matchLabels: { app: "web" } });
  });

  it("that names its namespace needs no list of excluded ones", () => {
    const [entry] = entriesOf(aSet("a", { namespaceSelector: { matchLabels: { [NAME]: "shop" } } }));
    expect(entry!.namespaceSelector).toEqual({ matchLabels: { [NAME]: "shop" } });
  });

  it.each([
    ["InjectionPaused", { injectionStrategy: { paused: true } }],
    ["SelectsNothing", { selector: {} }],
    [
      "SelectsNothing",
      { selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "app", operator: "DoesNotExist" }] } },
    ],
    ["Excluded", { namespaceSelector: { matchLabels: { [NAME]: "kube-system" } } }],
  ])("without any pod to send (%s) has no entry", (reason, spec) => {
    const plan = planOf(aSet("a", spec));
    expect(plan.entries).toEqual([]);
    expect(plan.without.get("a")).toMatchObject({ reason });
  });
});

it("no SidecarSet means no entry", () => {
  expect(planOf().entries).toEqual([]);
});

describe("several SidecarSets", () => {
  it("that differ in the values of one label need no match condition", () => {
    const [entry] = entriesOf(aSet("a"), aSet("b", { selector: { matchLabels: { app: "api" } } }));
    expect(entry).toEqual({
      failurePolicy: "Fail",
      namespaceSelector: { matchExpressions: [EXCLUDED] },
      objectSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["api", "web"] }, NOT_OPTED_OUT] },
      widened: [],
    });
  });

  it("bound to namespaces by name are told apart by the name in the request", () => {
    const [entry] = entriesOf(
      aSet("a", { namespaceSelector: { matchLabels: { [NAME]: "shop" } } }),
      aSet("b", { namespaceSelector: { matchLabels: { [NAME]: "bank" } }, selector: { matchLabels: { app: "api" } } }),
    );
    expect(entry).toMatchObject({
      namespaceSelector: { matchExpressions: [{ key: NAME, operator: "In", values: ["bank", "shop"] }] },
      matchCondition:
        '[has(object.metadata.labels) ? object.metadata.labels : {}].exists(labels, request.namespace == "shop" && "app" in labels && labels["app"] == "web" || request.namespace == "bank" && "app" in labels && labels["app"] == "api")',
      widened: [],
    });
  });

  it("without a common label are united in a match condition", () => {
    const [entry] = entriesOf(aSet("a"), aSet("b", { selector: { matchLabels: { tier: "db" } } }));
    expect(entry!.objectSelector).toEqual({ matchExpressions: [NOT_OPTED_OUT] });
    expect(entry!.matchCondition).toContain('labels["app"] == "web" || "tier" in labels && labels["tier"] == "db"');
  });

  it("that ask for different namespace labels are widened, and the labels are named", () => {
    const [entry] = entriesOf(
      aSet("a", { namespaceSelector: { matchLabels: { team: "shop" } } }),
      aSet("b", { selector: { matchLabels: { app: "api" } } }),
    );
    expect(entry!.widened).toEqual([
      {
        message: "SidecarSets ask for different namespace labels (team), which match conditions cannot see",
        sidecarSets: ["a"],
      },
    ]);
  });

  it("of both failure policies have an entry each", () => {
    const ignoring = aSet("b", { injectionStrategy: { failurePolicy: "Ignore" } });
    expect(entriesOf(aSet("a"), ignoring).map(({ failurePolicy }) => failurePolicy)).toEqual(["Fail", "Ignore"]);
    const plan = planRegistration({ sidecarSets: [aSet("a"), ignoring], defaultFailurePolicy: "Ignore" });
    expect(plan.entries.map(({ failurePolicy }) => failurePolicy)).toEqual(["Ignore"]);
  });

  it("get the same entries in whatever order they come", () => {
    const sets = ["a", "b", "c"].map((name) => aSet(name, { selector: { matchLabels: { [name]: name } } }));
    expect(entriesOf(...sets.toReversed())).toEqual(entriesOf(...sets));
  });
});

describe("a match condition", () => {
  const sets = [aSet("a"), aSet("b", { selector: { matchLabels: { tier: "db" } } })];

  it("that the API server does not take is left out, and it is told why", () => {
    const { entries } = planRegistration({ sidecarSets: sets, refuses: () => "too old" });
    expect(entries[0]).not.toHaveProperty("matchCondition");
    expect(entries[0]!.widened).toEqual([{ message: "too old", sidecarSets: ["a", "b"] }]);
  });

  it("that becomes too long is left out, and hundreds of SidecarSets alike are no reason for one", () => {
    const long = Array.from({ length: 300 }, (_, index) =>
      aSet(`s${index}`, { selector: { matchLabels: { [`key-of-team-${index}`]: "x".repeat(30) } } }),
    );
    expect(entriesOf(...long)[0]!.widened[0]!.message).toMatch(/takes a match condition of \d+ characters/);
    const alike = long.map((_, index) => aSet(`s${index}`, { selector: { matchLabels: { app: `app-${index}` } } }));
    expect(entriesOf(...alike)[0]).not.toHaveProperty("matchCondition");
    expect(entriesOf(...alike)[0]!.objectSelector.matchExpressions![0]!.values).toHaveLength(300);
  });
});

function aSet(name: string, spec: Record<string, unknown> = {}): SidecarSet {
  return aSidecarSet(spec, { name });
}

function planOf(...sidecarSets: readonly SidecarSet[]) {
  return planRegistration({ sidecarSets, excludedNamespaces: ["kube-system", "kube-node-lease", "own"] });
}

function entriesOf(...sets: readonly SidecarSet[]): readonly PodEntry[] {
  return planOf(...sets).entries;
}
