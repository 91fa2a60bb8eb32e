import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { planRegistration } from "../injection/registration/planRegistration.ts";
import { closedGate, openGates } from "./closedGate.ts";

const PODS = {
  name: "mpod.kb.io",
  clientConfig: { service: { name: "kruise-webhook-service", namespace: "kruise-system", path: "/mutate-pod" } },
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
  namespaceSelector: { matchExpressions: [{ key: "control-plane", operator: "DoesNotExist" }] },
  failurePolicy: "Ignore",
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};
const SETS = { ...PODS, name: "msidecarset.kb.io", rules: [{ operations: ["CREATE"], resources: ["sidecarsets"] }] };

describe("the gate between two managers", () => {
  const { entries } = planRegistration({ sidecarSets: [aSidecarSet()] });

  it("asks OpenKruise's address, where nobody answers, about the selected pods alone, and fails", () => {
    const gates = closedGate([SETS, PODS], entries);
    expect(gates).toHaveLength(1);
    expect(gates[0]).toMatchObject({ clientConfig: PODS.clientConfig, failurePolicy: "Fail", rules: PODS.rules });
    expect(gates[0]!.objectSelector).toEqual(entries[0]!.objectSelector);
    expect(gates[0]!.namespaceSelector).toEqual(entries[0]!.namespaceSelector);
  });

  it("is none where no pod is selected, or OpenKruise is not asked about pods", () => {
    expect(closedGate([SETS, PODS], [])).toEqual([]);
    expect(closedGate([SETS], entries)).toEqual([]);
  });

  it("stands open on the way back: nobody is refused before OpenKruise answers", () => {
    expect(openGates([SETS, { ...PODS, failurePolicy: "Fail" }]).map(({ failurePolicy }) => failurePolicy)).toEqual([
      "Ignore",
      "Ignore",
    ]);
  });
});
