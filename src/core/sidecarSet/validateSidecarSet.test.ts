import { describe, expect, it } from "vitest";
import type { JsonObject } from "../kube/object.ts";
import { ok } from "../result.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";
import type { SidecarSet } from "./sidecarSet.ts";
import { validateSidecarSet } from "./validateSidecarSet.ts";
import type { Proposal } from "./validation/proposal.ts";

const side = { name: "side", image: "side:1" };

function aSidecarSet(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "log-agent", ...metadata },
    spec: { selector: { matchLabels: { app: "web" } }, containers: [side], ...spec },
  };
}

function stored(raw: JsonObject): SidecarSet {
  const parsed = parseSidecarSet(raw);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function errors(sidecarSet: unknown, circumstances: Partial<Proposal> = {}) {
  return validateSidecarSet({
    existing: [],
    revisions: [],
    metadataRules: { allowedByDefault: true },
    compilePattern: (pattern) => ok((text) => new RegExp(pattern).test(text)),
    ...circumstances,
    sidecarSet,
  });
}

function fields(sidecarSet: unknown, circumstances: Partial<Proposal> = {}): readonly string[] {
  return errors(sidecarSet, circumstances).map(({ field }) => field);
}

describe("a SidecarSet that is being created", () => {
  it("is fine when it selects pods and brings a container", () => {
    expect(errors(aSidecarSet())).toEqual([]);
  });

  it("is judged offline by what is given: a base or a revision that is not may exist all the same", () => {
    const annotations = { "apps.kruise.io/sidecarset-canary": "true", "apps.kruise.io/sidecarset-base": "base" };
    const injectionStrategy = { revision: { revisionName: "log-agent-5c4f" } };
    const set = aSidecarSet({ injectionStrategy, updateStrategy: { type: "NotUpdate" } }, { annotations });
    expect(fields(set, { offline: true })).toEqual([]);
    expect(fields(set)).toEqual([
      "metadata.annotations[apps.kruise.io/sidecarset-base]",
      "spec.injectionStrategy.revision.revisionName",
    ]);
  });

  it("gets every mistake reported at once, each at its own path", () => {
    const spec = {
      selector: { matchLabels: { app: "a b" } },
      containers: [{ name: "Side", volumeMounts: [{ name: "v", mountPath: "/v" }] }],
      updateStrategy: { partition: "abc", maxUnavailable: -1 },
    };
    expect(fields(aSidecarSet(spec, { name: "a.b" })).toSorted()).toEqual([
      "metadata.name",
      "spec.containers[0].image",
      "spec.containers[0].name",
      "spec.containers[0].volumeMounts[0].name",
      "spec.selector.matchLabels[app]",
      "spec.updateStrategy.maxUnavailable",
      "spec.updateStrategy.partition",
    ]);
  });

  it("is told what the field expects when its JSON type is wrong", () => {
    const spec = { updateStrategy: { selector: { matchLabels: [{ "canary.release": true }] } } };
    expect(errors(aSidecarSet(spec))).toMatchObject([
      {
        field: "spec.updateStrategy.selector.matchLabels",
        detail: expect.stringMatching(/^a map of label keys to values/),
      },
    ]);
  });

  it("may mean all pods only of the namespaces it names", () => {
    expect(fields(aSidecarSet({ selector: {} }))).toEqual(["spec.selector"]);
    expect(fields(aSidecarSet({ selector: {}, namespaceSelector: { matchLabels: { team: "a" } } }))).toEqual([]);
    expect(fields(aSidecarSet({ selector: {}, namespace: "prod" }))).toEqual([]);
  });

  it("may say its namespace twice, but not two different ones", () => {
    const selector = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
    expect(fields(aSidecarSet({ namespace: "prod", namespaceSelector: selector("prod") }))).toEqual([]);
    expect(fields(aSidecarSet({ namespace: "prod", namespaceSelector: selector("test") }))).toEqual([
      "spec.namespaceSelector",
    ]);
  });

  it("may roll native sidecars", () => {
    const initContainers = [{ name: "mesh", image: "mesh:1", restartPolicy: "Always" }];
    expect(fields(aSidecarSet({ initContainers, updateStrategy: { type: "RollingUpdate" } }))).toEqual([]);
  });

  it("needs room for the two names of a hot-upgrade pair", () => {
    const hot = (name: string) => ({ ...side, name, upgradeStrategy: { upgradeType: "HotUpgrade" } });
    expect(fields(aSidecarSet({ containers: [hot("a".repeat(61))] }))).toEqual([]);
    expect(fields(aSidecarSet({ containers: [hot("a".repeat(62))] }))).toEqual(["spec.containers[0].name"]);
  });

  it("cannot have a pair and another container of one of its names", () => {
    const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" };
    const containers = [
      { ...side, upgradeStrategy },
      { ...side, name: "side-3" },
      { ...side, name: "side-2" },
    ];
    const clash = { type: "FieldValueDuplicate", detail: expect.stringContaining("two containers side-2") };
    expect(errors(aSidecarSet({ containers }))).toMatchObject([
      { field: "spec.containers[0].name", ...clash },
      { field: "spec.containers[2].name", ...clash },
    ]);
  });

  it("may have a version of its own that can be the value of a label, said once or twice alike", () => {
    const labelled = (version: string) => ({ labels: { "apps.kruise.io/sidecarset-custom-version": version } });
    expect(fields(aSidecarSet({ customVersion: "v1" }, labelled("v1")))).toEqual([]);
    expect(fields(aSidecarSet({ customVersion: "v1" }, labelled("v2")))).toEqual(["spec.customVersion"]);
    expect(fields(aSidecarSet({ customVersion: "version 1" }))).toEqual(["spec.customVersion"]);
    expect(fields(aSidecarSet({}, labelled("version 1")))).toEqual(["metadata.labels"]);
  });

  it("names the entry of transferEnv that has no source", () => {
    const container = { ...side, transferEnv: [{ sourceContainerNameFrom: {}, envName: "X" }] };
    expect(fields(aSidecarSet({ containers: [container] }))).toEqual([
      "spec.containers[0].transferEnv[0].sourceContainerNameFrom.fieldRef",
    ]);
  });

  it("says which annotation a white list does not allow", () => {
    const spec = { patchPodMetadata: [{ annotations: { ok: "1", no: "2" }, patchPolicy: "Overwrite" }] };
    const whitelist = JSON.stringify({ rules: [{ allowedAnnotationKeyExprs: ["^ok$"] }] });
    expect(fields(aSidecarSet(spec), { metadataRules: { whitelist, allowedByDefault: true } })).toEqual([
      "spec.patchPodMetadata[0].annotations[no]",
    ]);
  });
});

describe("a SidecarSet beside others", () => {
  const other = (spec: JsonObject, metadata: JsonObject = {}) => [
    stored(aSidecarSet(spec, { name: "other", ...metadata })),
  ];

  it("conflicts with one that can meet it in a pod, also through a key that only one side mentions", () => {
    const selector = { matchExpressions: [{ key: "team", operator: "Exists" }] };
    expect(errors(aSidecarSet(), { existing: other({ selector }) })).toMatchObject([
      { field: "spec.containers[0].name", detail: expect.stringContaining("SidecarSet other") },
    ]);
  });

  it("does not conflict where namespaces or labels exclude each other", () => {
    const selector = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] };
    expect(errors(aSidecarSet(), { existing: other({ selector }) })).toEqual([]);
    expect(errors(aSidecarSet({ namespace: "a" }), { existing: other({ namespace: "b" }) })).toEqual([]);
  });

  it("names the volume that the other one defines differently", () => {
    const containers = [{ name: "b", image: "b:1" }];
    const existing = other({ containers, volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] });
    expect(fields(aSidecarSet({ volumes: [{ name: "v" }] }), { existing })).toEqual(["spec.volumes[0]"]);
    expect(fields(aSidecarSet({ volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] }), { existing })).toEqual([]);
  });
});

describe("a SidecarSet that is being changed", () => {
  it("may keep what the original accepted, but not get it", () => {
    const odd = aSidecarSet({ containers: [{ ...side, upgradeStrategy: { upgradeType: "Lukewarm" } }] });
    expect(fields(odd)).toEqual(["spec.containers[0].upgradeStrategy.upgradeType"]);
    expect(fields(odd, { old: odd })).toEqual([]);
  });

  it("may lose a container but not get one", () => {
    const two = aSidecarSet({ containers: [side, { name: "more", image: "more:1" }] });
    expect(fields(aSidecarSet(), { old: two })).toEqual([]);
    expect(fields(two, { old: aSidecarSet() })).toEqual(["spec.containers[1].name"]);
  });

  it("may be mended when the stored object cannot be read", () => {
    expect(fields(aSidecarSet(), { old: aSidecarSet({ containers: "none" }) })).toEqual([]);
  });
});
