import { describe, expect, it } from "vitest";
import type { Json } from "../kube/object.ts";
import { convertAndCompare, type LostField } from "./lostFields.ts";

function aSet(
  version: string,
  spec: { readonly [field: string]: Json },
  labels: { readonly [key: string]: string } = {},
) {
  return { apiVersion: `apps.kruise.io/${version}`, kind: "SidecarSet", metadata: { name: "s", labels }, spec };
}

function lostFields(...parameters: Parameters<typeof convertAndCompare>): readonly LostField[] {
  const converted = convertAndCompare(...parameters);
  if (!converted.ok) throw new Error(JSON.stringify(converted.error));
  return converted.value.lost;
}

function lost(...parameters: Parameters<typeof convertAndCompare>): readonly string[] {
  return lostFields(...parameters).map(({ field }) => field);
}

describe("what a conversion loses", () => {
  it("is nothing when a field has another place in the other version", () => {
    const label = { "apps.kruise.io/sidecarset-custom-version": "v1" };
    expect(lost(aSet("v1alpha1", { namespace: "shop" }, label), "v1beta1")).toEqual([]);
    expect(lost(aSet("v1beta1", { customVersion: "v1" }), "v1alpha1")).toEqual([]);
  });

  it("is a field that the version does not know, named by its path", () => {
    const spec = { containers: [{ name: "log", imagePullPolcy: "Always" }], selctor: { matchLabels: { app: "web" } } };
    expect(lost(aSet("v1alpha1", spec), "v1beta1")).toEqual(["spec.containers[0].imagePullPolcy", "spec.selctor"]);
    const strategy = { updateStrategy: { maxUnavailabel: 3 } };
    expect(lost(aSet("v1beta1", strategy), "v1beta1")).toEqual(["spec.updateStrategy.maxUnavailabel"]);
  });

  it("is a namespace selector beside a namespace, which wins", () => {
    const spec = { namespace: "shop", namespaceSelector: { matchLabels: { "example.com/team": "pay" } } };
    expect(lost(aSet("v1alpha1", spec), "v1beta1")).toEqual(["spec.namespaceSelector.matchLabels[example.com/team]"]);
  });

  it("is every field that we add, named as such", () => {
    const spec = {
      namespace: "shop",
      namespaceSelector: { matchLabels: { team: "pay" } },
      containers: [{ name: "log", podOverrides: ["imageTag"] }],
      updateStrategy: { steps: [{ partition: 1, pause: { second: 1 } }], typo: 1 },
      injectionStrategy: { order: 3 },
    };
    expect(lostFields(aSet("v1alpha1", spec), "v1beta1")).toEqual([
      { field: "spec.namespaceSelector.matchLabels.team", why: "the namespace beside it wins" },
      { field: "spec.containers[0].podOverrides", why: "OpenKruise has no such field" },
      { field: "spec.updateStrategy.steps", why: "OpenKruise has no such field" },
      { field: "spec.updateStrategy.typo", why: "v1beta1 has no such field" },
      { field: "spec.injectionStrategy.order", why: "OpenKruise has no such field" },
    ]);
  });

  it("is not what is empty anyway", () => {
    expect(lost(aSet("v1alpha1", { namespace: "", foo: {}, bar: [null], volumes: [] }), "v1beta1")).toEqual([
      "spec.bar",
    ]);
  });

  it("an object without a status gets none", () => {
    const converted = convertAndCompare(aSet("v1alpha1", {}), "v1beta1");
    expect(converted).toMatchObject({ ok: true, value: { sidecarSet: { apiVersion: "apps.kruise.io/v1beta1" } } });
    expect(converted.ok && converted.value.sidecarSet).not.toHaveProperty("status");
  });
});
