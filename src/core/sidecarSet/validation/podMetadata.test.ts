import { describe, expect, it } from "vitest";
import { aSidecarSet, aSidecarSetObject } from "../../../../test/aSidecarSet.ts";
import { err, ok } from "../../result.ts";
import type { PatchPodMetadata } from "../sidecarSet.ts";
import { validateSidecarSet } from "../validateSidecarSet.ts";
import type { MetadataRules, Proposal } from "./proposal.ts";

type Entry = Partial<PatchPodMetadata>;

function errors(entries: readonly Entry[], circumstances: Partial<Proposal> = {}) {
  return validateSidecarSet({
    existing: [],
    revisions: [],
    metadataRules: { allowedByDefault: true },
    compilePattern: (pattern) => ok((text) => new RegExp(pattern).test(text)),
    sidecarSet: aSidecarSetObject({ patchPodMetadata: entries }),
    ...circumstances,
  });
}

function fields(entries: readonly Entry[], circumstances: Partial<Proposal> = {}): readonly string[] {
  return errors(entries, circumstances).map(({ field }) => field);
}

describe("an entry of patchPodMetadata", () => {
  it("needs annotations or labels", () => {
    expect(fields([{ patchPolicy: "Overwrite" }])).toEqual(["spec.patchPodMetadata[0].annotations"]);
    expect(fields([{ labels: { "team/tier": "gold" } }])).toEqual([]);
  });

  it("has labels that Kubernetes accepts, each once, and whose values it keeps whole", () => {
    expect(fields([{ labels: { "no key": "x", "team/tier": "a b" } }])).toEqual([
      "spec.patchPodMetadata[0].labels",
      "spec.patchPodMetadata[0].labels[team/tier]",
    ]);
    const twice = [{ labels: { tier: "a" } }, { labels: { tier: "b" }, annotations: { tier: "c" } }];
    expect(fields(twice)).toEqual(["spec.patchPodMetadata[1].labels[tier]"]);
    for (const patchPolicy of ["MergePatchJson", "AppendUnique"] as const) {
      expect(fields([{ labels: { tier: "a" }, patchPolicy }])).toEqual(["spec.patchPodMetadata[0].patchPolicy"]);
    }
  });

  it.each([
    "pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index",
    "apps.kruise.io/cloneset-instance-id",
    "sidecarset.kruise.io/anything",
  ])("never writes %s, by which a workload finds its pods", (key) => {
    expect(errors([{ labels: { [key]: "x" } }])).toMatchObject([
      { field: `spec.patchPodMetadata[0].labels[${key}]`, type: "FieldValueForbidden" },
    ]);
  });

  it.each([
    "kruise.io/sidecarset-hash",
    "sidecarset.kruise.io/upgrade-state",
    "version.sidecarset.kruise.io/mesh-1",
    "versionalt.sidecarset.kruise.io/mesh-1",
  ])("leaves the record %s alone, unless it was stored before", (key) => {
    const entries = [{ annotations: { [key]: "x" } }];
    expect(fields(entries)).toEqual([`spec.patchPodMetadata[0].annotations[${key}]`]);
    expect(fields(entries, { old: aSidecarSetObject({ patchPodMetadata: entries }) })).toEqual([]);
  });

  it.each([
    ["MergePatchJson", "no JSON", "policy MergePatchJson takes a JSON object or list: it is not JSON"],
    ["MergePatchJson", "null", "policy MergePatchJson takes a JSON object or list: it is neither an object nor a list"],
    [
      "AppendUnique",
      "{}",
      "policy AppendUnique takes a JSON list, or items between commas: it is a JSON object, and only lists can be joined",
    ],
  ] as const)(
    "with policy %s has a text that it can use, not %s, unless it was stored before",
    (patchPolicy, text, detail) => {
      const entries = [{ annotations: { key: text }, patchPolicy }];
      expect(errors(entries)).toMatchObject([
        { field: "spec.patchPodMetadata[0].annotations[key]", value: text, detail },
      ]);
      expect(fields(entries, { old: aSidecarSetObject({ patchPodMetadata: entries }) })).toEqual([]);
    },
  );

  it.each([
    ["MergePatchJson", '{"a":null}'],
    ["MergePatchJson", "[]"],
    ["AppendUnique", "a, b"],
    ["AppendUnique", "[1]"],
  ] as const)("with policy %s may say %s", (patchPolicy, text) => {
    expect(fields([{ annotations: { key: text }, patchPolicy }])).toEqual([]);
  });
});

describe("labels that a SidecarSet selects by", () => {
  const writing = (key: string) => ({ patchPodMetadata: [{ labels: { [key]: "x" } }] });
  const selector = { matchLabels: { tier: "a" }, matchExpressions: [{ key: "zone", operator: "Exists" }] };

  it("are written by no other, and neither by itself", () => {
    const existing = [aSidecarSet({ selector, containers: [] }, { name: "other" })];
    for (const key of ["tier", "zone", "app"]) {
      const [error, ...more] = errors(writing(key).patchPodMetadata, { existing });
      expect(error?.field).toBe(`spec.patchPodMetadata[0].labels[${key}]`);
      expect(error?.detail).toContain(key === "app" ? "SidecarSet logging" : "SidecarSet other");
      expect(more).toEqual([]);
    }
  });

  it("are not chosen when another one writes them", () => {
    const existing = ["tier", "zone"].map((key) =>
      aSidecarSet({ ...writing(key), containers: [] }, { name: `writes-${key}` }),
    );
    const sidecarSet = aSidecarSetObject({ selector });
    expect(errors([], { existing, sidecarSet })).toMatchObject([
      { field: "spec.selector.matchLabels[tier]", detail: expect.stringContaining("SidecarSet writes-tier") },
      { field: "spec.selector.matchExpressions[0].key", detail: expect.stringContaining("SidecarSet writes-zone") },
    ]);
    expect(errors([], { existing, sidecarSet, old: sidecarSet })).toEqual([]);
  });
});

describe("two SidecarSets for the same pods", () => {
  const conflicts = (ours: Entry, theirs: Entry) => {
    const other = { containers: [{ name: "b", image: "b:1" }], patchPodMetadata: [theirs] };
    return fields([ours], { existing: [aSidecarSet(other, { name: "other" })] });
  };
  const annotation = (patchPolicy: Entry["patchPolicy"]) => ({ annotations: { key: "[]" }, patchPolicy });
  const label = (patchPolicy: Entry["patchPolicy"]) => ({ labels: { key: "x" }, patchPolicy });

  it("may both append to an annotation, or both merge into it", () => {
    expect(conflicts(annotation("AppendUnique"), annotation("AppendUnique"))).toEqual([]);
    expect(conflicts(annotation("MergePatchJson"), annotation("MergePatchJson"))).toEqual([]);
    expect(conflicts(annotation("AppendUnique"), annotation("Retain"))).toEqual([]);
  });

  it.each([
    ["AppendUnique", "MergePatchJson"],
    ["AppendUnique", "Overwrite"],
    ["Overwrite", "MergePatchJson"],
    ["Overwrite", "Overwrite"],
  ] as const)("do not mix %s and %s on one annotation", (ours, theirs) => {
    const field = "spec.patchPodMetadata[0].annotations[key]";
    expect(conflicts(annotation(ours), annotation(theirs))).toEqual([field]);
    expect(conflicts(annotation(theirs), annotation(ours))).toEqual([field]);
  });

  it("do not both overwrite a label", () => {
    expect(conflicts(label("Overwrite"), label("Overwrite"))).toEqual(["spec.patchPodMetadata[0].labels[key]"]);
    expect(conflicts(label("Overwrite"), label("Retain"))).toEqual([]);
    expect(conflicts(label("Overwrite"), annotation("Overwrite"))).toEqual([]);
  });
});

describe("the white list", () => {
  const PLACE = "ConfigMap kruise-configuration in namespace kruise-system, key SidecarSet_PatchPodMetadata_WhiteList";
  const judged = (entry: Entry, rules: readonly object[], more: Partial<MetadataRules> = {}) => {
    const metadataRules = { allowedByDefault: false, whitelist: JSON.stringify({ rules }), ...more };
    return errors([entry], { metadataRules });
  };

  it("allows annotations and labels by patterns of their own", () => {
    const rules = [{ allowedAnnotationKeyExprs: ["^note$"], allowedLabelKeyExprs: ["^tier$"] }];
    const entry = { annotations: { note: "1", tier: "2" }, labels: { note: "1", tier: "2" } };
    expect(judged(entry, rules)).toMatchObject([
      { field: "spec.patchPodMetadata[0].annotations[tier]", detail: expect.stringContaining(PLACE) },
      { field: "spec.patchPodMetadata[0].labels[note]", detail: expect.stringContaining(PLACE) },
    ]);
  });

  it("allows no label as long as it speaks of annotations only", () => {
    const rules = [{ allowedAnnotationKeyExprs: [".*"] }];
    expect(judged({ annotations: { tier: "a" } }, rules)).toEqual([]);
    expect(judged({ labels: { tier: "a" } }, rules)).toMatchObject([
      { field: "spec.patchPodMetadata", detail: expect.stringContaining("allowedLabelKeyExprs") },
    ]);
  });

  it("speaks only to the SidecarSets that a rule selects", () => {
    const rules = [{ selector: { matchLabels: { team: "mesh" } }, allowedLabelKeyExprs: ["^tier$"] }];
    const sidecarSet = aSidecarSetObject(
      { patchPodMetadata: [{ labels: { tier: "a" } }] },
      { labels: { team: "mesh" } },
    );
    const metadataRules = { allowedByDefault: false, whitelist: JSON.stringify({ rules }) };
    expect(errors([], { sidecarSet, metadataRules })).toEqual([]);
    expect(judged({ labels: { tier: "a" } }, rules)).toHaveLength(1);
  });

  it.each([
    ["absent", { whitelist: undefined }],
    ["out of reach", { unreadable: "forbidden" }],
    ["no JSON", { whitelist: "{" }],
    ["malformed", { whitelist: '{"rules":{}}' }],
    [
      "wrong in a selector",
      { whitelist: '{"rules":[{"selector":{"matchExpressions":[{"key":"a","operator":"Is"}]}}]}' },
    ],
  ])("refuses with its place when it is %s", (_, rules) => {
    const [error, ...more] = judged({ labels: { tier: "a" }, annotations: { note: "1" } }, [], rules as object);
    expect(error).toMatchObject({ field: "spec.patchPodMetadata", type: "FieldValueForbidden" });
    for (const { detail } of [error!, ...more]) expect(detail).toContain(PLACE);
  });

  it("is refused by the rule and the pattern that is none, and only where that rule is for the SidecarSet", () => {
    const selector = { matchLabels: { team: "mesh" } };
    const rules = [{ allowedLabelKeyExprs: ["^tier$"] }, { selector, allowedLabelKeyExprs: ["^a", "(?=b)"] }];
    const of = (labels: Record<string, string>) =>
      errors([], {
        sidecarSet: aSidecarSetObject({ patchPodMetadata: [{ labels: { tier: "a" } }] }, { labels }),
        metadataRules: { allowedByDefault: false, whitelist: JSON.stringify({ rules }) },
        compilePattern: (pattern) => (pattern.includes("?=") ? err("no look-ahead") : ok((key) => key === "tier")),
      });
    expect(of({})).toEqual([]);
    expect(of({ team: "mesh" })).toMatchObject([
      { detail: `rule 1 of the white list: "(?=b)" is no pattern: no look-ahead; see ${PLACE}` },
    ]);
  });

  it("is named by the namespace it was looked for in", () => {
    const [error] = judged({ labels: { tier: "a" } }, [], { namespace: "platform" });
    expect(error?.detail).toContain("in namespace platform");
  });
});
