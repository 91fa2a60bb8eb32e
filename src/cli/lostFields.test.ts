import { describe, expect, it } from "vitest";
import type { Json } from "../core/kube/object.ts";
import { convertAndCompare } from "./lostFields.ts";

function aSet(
  version: string,
  spec: { readonly [field: string]: Json },
  labels: { readonly [key: string]: string } = {},
) {
  return { apiVersion: `apps.kruise.io/${version}`, kind: "SidecarSet", metadata: { name: "s", labels }, spec };
}

function lost(...parameters: Parameters<typeof convertAndCompare>): readonly string[] {
  const converted = convertAndCompare(...parameters);
  if (!converted.ok) throw new Error(JSON.stringify(converted.error));
  return converted.value.lost;
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
