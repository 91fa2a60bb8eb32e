import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../core/kube/object.ts";
import { unknownFieldFindings, unknownFieldRemarks } from "./unknownFields.ts";

function findingsOf(spec: { readonly [field: string]: Json }, more: JsonObject = {}): string[] {
  const sidecarSet = {
    apiVersion: "apps.kruise.io/v1alpha1",
    kind: "SidecarSet",
    metadata: { name: "s" },
    spec,
    ...more,
  };
  return unknownFieldFindings(sidecarSet).map(({ field, message }) => `${field}: ${message}`);
}

describe("unknown fields of a SidecarSet", () => {
  it("are not those of the other version, nor ours", () => {
    const spec = {
      namespace: "shop",
      customVersion: "v1",
      containers: [{ name: "log", podOverrides: ["imageTag"] }],
      injectionStrategy: { order: 1, failurePolicy: "Ignore" },
      updateStrategy: { steps: [{ selector: { matchLabels: { a: "b" } }, pause: { seconds: 1 } }], imagePrePull: {} },
      patchPodMetadata: [{ labels: { a: "b" } }],
    };
    expect(findingsOf(spec, { status: { selectedPods: 1, rollout: { odd: 1 } } })).toEqual([]);
  });

  it("are told in lines with their place", () => {
    const object = { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", spec: { selctor: {} } };
    const located = { object, source: "set.yaml", written: undefined, position: () => ({ line: 5, column: 3 }) };
    expect(unknownFieldRemarks(located)).toEqual([
      "set.yaml:5:3: spec.selctor: not a field of apps.kruise.io/v1beta1: did you mean selector?",
    ]);
  });

  it("are named with what was meant, and with what they are no field of", () => {
    const spec = {
      containers: [{ name: "log", imagePullPolcy: "Always", env: [{ nam: "A" }], upgradeStrategy: { type: "X" } }],
      volumes: [{ name: "v", emptydir: {} }],
      updateStrategy: { maxUnavailabel: 3, onFailure: { maxFail: 1 } },
      whatever: { more: 1 },
    };
    expect(findingsOf(spec, { stauts: {} })).toEqual([
      "spec.containers[0].imagePullPolcy: not a field of a container, as of Kubernetes 1.32: did you mean imagePullPolicy?",
      "spec.containers[0].env[0].nam: not a field of a container, as of Kubernetes 1.32: did you mean name?",
      "spec.containers[0].upgradeStrategy.type: not a field of a container, as of Kubernetes 1.32: check the spelling and the indentation",
      "spec.volumes[0].emptydir: not a field of a volume, as of Kubernetes 1.32: did you mean emptyDir?",
      "spec.updateStrategy.maxUnavailabel: not a field of apps.kruise.io/v1alpha1: did you mean maxUnavailable?",
      "spec.updateStrategy.onFailure.maxFail: not a field of apps.kruise.io/v1alpha1: did you mean maxFailed?",
      "spec.whatever: not a field of apps.kruise.io/v1alpha1: check the spelling and the indentation",
      "stauts: not a field of apps.kruise.io/v1alpha1: did you mean status?",
    ]);
  });
});
