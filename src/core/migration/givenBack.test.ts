import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../kube/object.ts";
import { typedForm } from "../kube/shape.ts";
import { sidecarSetHashes } from "../sidecarSet/hash.ts";
import { parseSidecarSet } from "../sidecarSet/parseSidecarSet.ts";
import { revisionData } from "../sidecarSet/revision.ts";
import { SIDECARS, VOLUMES } from "../sidecarSet/sidecarSetShape.ts";
import { givenBack } from "./givenBack.ts";

const CONTAINER = { name: "log", image: "log:1" };

describe("a SidecarSet that is given back", () => {
  it("keeps its namespace as a selector, where OpenKruise's storage version has no such field", () => {
    const { spec } = back({ selector: WEB, namespace: "shop", containers: [CONTAINER] });
    expect(spec.namespaceSelector).toEqual({ matchLabels: { "kubernetes.io/metadata.name": "shop" } });
    expect(spec).not.toHaveProperty("namespace");
  });

  it("keeps its custom version in the field that OpenKruise reads, whichever version's words it was written in", () => {
    const label = { "apps.kruise.io/sidecarset-custom-version": "v7", team: "log" };
    const { spec, labels } = back({ selector: WEB, containers: [CONTAINER] }, { labels: label });
    expect(spec.customVersion).toBe("v7");
    expect(labels).toEqual({ team: "log" });
    expect(back({ selector: WEB, containers: [CONTAINER], customVersion: "v8" }).spec.customVersion).toBe("v8");
  });

  it("spreads over every value of a key by OpenKruise's star", () => {
    const scatterStrategy = [{ key: "zone" }, { key: "tier", value: "" }];
    const { spec } = back({ selector: WEB, containers: [CONTAINER], updateStrategy: { scatterStrategy } });
    expect((spec.updateStrategy as JsonObject).scatterStrategy).toEqual([
      { key: "zone", value: "*" },
      { key: "tier", value: "" },
    ]);
  });

  it("has its defaults written out: read without any, it makes the revision that is recorded, and the same hashes", () => {
    const spec = {
      selector: WEB,
      containers: [{ ...CONTAINER, livenessProbe: { httpGet: { port: 80 } }, ports: [{ containerPort: 1 }] }],
      volumes: [{ name: "logs" }, { name: "settings", configMap: { name: "s" } }],
    };
    const before = parsed(stored(spec));
    const { object } = given(stored(spec));
    const recorded = revisionData(before).spec as JsonObject;
    const after = object!.spec as JsonObject;
    expect(typedForm(after.containers as Json, SIDECARS)).toEqual(recorded.containers);
    expect(typedForm(after.volumes as Json, VOLUMES)).toEqual(recorded.volumes);
    expect(sidecarSetHashes(parsed(object!))).toEqual(sidecarSetHashes(before));
  });

  it("is not written a second time", () => {
    const { object } = given(stored({ selector: WEB, namespace: "shop", containers: [CONTAINER] }));
    expect(given(object!).object).toBeUndefined();
  });

  it("keeps version, identity, annotations and status", () => {
    const metadata = { uid: "u", resourceVersion: "7", annotations: { "kruise.io/sidecarset-hash": "h" } };
    const raw = { ...stored({ selector: WEB, containers: [CONTAINER] }, metadata), status: { matchedPods: 3 } };
    const { object } = given(raw);
    expect(object).toMatchObject({ metadata, status: { matchedPods: 3 } });
  });

  it("tells every field that is lost", () => {
    const updateStrategy = { maxUnavailablePerOwner: 1, progressDeadlineSeconds: 30 };
    const injectionStrategy = { optOut: "Deny", order: 3 };
    const spec = { selector: WEB, containers: [CONTAINER], updateStrategy, injectionStrategy };
    expect(told(given(stored(spec)), "fieldLost").map((message) => message.split(" ")[0])).toEqual([
      "spec.updateStrategy.maxUnavailablePerOwner",
      "spec.updateStrategy.progressDeadlineSeconds",
      "spec.injectionStrategy.optOut",
      "spec.injectionStrategy.order",
    ]);
  });

  it("gets a new revision when labels of pods are lost, and says so", () => {
    const patchPodMetadata = [{ labels: { team: "log" }, patchPolicy: "Retain" }];
    const findings = told(given(stored({ selector: WEB, containers: [CONTAINER], patchPodMetadata })), "fieldLost");
    expect(findings.at(-1)).toContain("gets a new revision");
  });

  it("is not in the way when its selectors have empty parts, which OpenKruise's form leaves out", () => {
    const [key, operator] = ["team", "Exists"];
    const namespaceSelector = { matchLabels: {}, matchExpressions: [{ key, operator, values: [] }] };
    const { findings } = given(
      stored({ selector: { ...WEB, matchExpressions: [] }, namespaceSelector, containers: [CONTAINER] }),
    );
    expect(findings.filter(({ severity }) => severity === "blocker")).toEqual([]);
  });

  it("is written in v1alpha1's words where OpenKruise has no other version", () => {
    const raw = stored({ selector: WEB, namespace: "shop", containers: [CONTAINER], customVersion: "v7" });
    const result = givenBack(raw, "v1alpha1");
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    expect(result.value.object).toMatchObject({
      apiVersion: "apps.kruise.io/v1alpha1",
      metadata: { labels: { "apps.kruise.io/sidecarset-custom-version": "v7" } },
      spec: { namespace: "shop" },
    });
    expect(result.value.object!.spec).not.toHaveProperty("customVersion");
  });

  it.each<readonly [string, JsonObject, string]>([
    ["selects all pods of its namespaces", { selector: {}, namespace: "shop" }, "matchesOtherPods"],
    ["has a partition of the selected pods", { updateStrategy: { selector: WEB, partition: 1 } }, "otherMeaning"],
    ["follows the partition", { injectionStrategy: { revision: { policy: "FollowPartition" } } }, "otherMeaning"],
  ])("is in the way when it %s", (_what, spec, reason) => {
    const { findings } = given(stored({ selector: WEB, containers: [CONTAINER], ...spec }));
    expect(findings.filter(({ severity }) => severity === "blocker").map(({ name }) => name)).toEqual([reason]);
  });
});

const WEB = { matchLabels: { app: "web" } };

function stored(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: "logs", ...metadata }, spec };
}

function given(raw: JsonObject) {
  const result = givenBack(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function back(spec: JsonObject, metadata: JsonObject = {}) {
  const { object } = given(stored(spec, metadata));
  return { spec: object!.spec as JsonObject, labels: (object!.metadata as JsonObject).labels };
}

function told({ findings }: ReturnType<typeof given>, reason: string): readonly string[] {
  return findings.filter(({ name }) => name === reason).map(({ message }) => message);
}

function parsed(raw: JsonObject) {
  const set = parseSidecarSet(raw);
  if (!set.ok) throw new Error(JSON.stringify(set.error));
  return set.value;
}
