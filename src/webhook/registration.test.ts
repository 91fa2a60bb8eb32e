import { describe, expect, it } from "vitest";
import type { PodEntry } from "../core/injection/registration/planRegistration.ts";
import { webhookConfigurations } from "./registration.ts";

const SELECTOR = { matchLabels: { app: "web" } };
const ENTRY: PodEntry = { failurePolicy: "Fail", namespaceSelector: {}, objectSelector: SELECTOR, widened: [] };
const OPTIONS = {
  address: { url: "https://127.0.0.1:9443/" },
  caBundle: "PEM",
  systemNamespace: "sidecarset-system",
  entries: [ENTRY, { ...ENTRY, failurePolicy: "Ignore", matchCondition: "true" } as const],
};

describe("the webhook configurations", () => {
  const { mutating = [], validating = [] } = webhooks(OPTIONS);

  it("ask for created pods only, as far as the entries say", () => {
    expect(mutating[0]).toMatchObject({
      name: "pods.fail.sidecarset.kruise.io",
      clientConfig: { url: "https://127.0.0.1:9443/mutate-pods", caBundle: "UEVN" },
      rules: [{ apiGroups: [""], resources: ["pods"], operations: ["CREATE"], scope: "Namespaced" }],
      namespaceSelector: {},
      objectSelector: SELECTOR,
      failurePolicy: "Fail",
      reinvocationPolicy: "IfNeeded",
      sideEffects: "None",
      timeoutSeconds: 5,
    });
    expect(mutating[0]).not.toHaveProperty("matchConditions");
    expect(mutating[1]).toMatchObject({
      name: "pods.ignore.sidecarset.kruise.io",
      failurePolicy: "Ignore",
      matchConditions: [{ name: "selected-by-a-sidecarset", expression: "true" }],
    });
  });

  it("ask for no pod but that of the self-test where there are no entries", () => {
    const names = webhooks({ ...OPTIONS, entries: [] }).mutating!.map(({ name }) => name);
    expect(names).toEqual(["hashes.sidecarset.kruise.io", "selftest.sidecarset.kruise.io"]);
  });

  it("ask for the self-test's pod in the manager's own namespace, and nothing depends on the answer", () => {
    expect(mutating.at(-1)).toMatchObject({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "sidecarset-system" } },
      objectSelector: { matchLabels: { "sidecarset.kruise.io/self-test": "true" } },
      failurePolicy: "Ignore",
    });
  });

  it("ask for both versions of SidecarSets, without their status", () => {
    for (const webhook of [mutating[2], validating[0]]) {
      expect(webhook).toMatchObject({
        rules: [{ apiVersions: ["v1alpha1", "v1beta1"], resources: ["sidecarsets"], operations: ["CREATE", "UPDATE"] }],
        failurePolicy: "Fail",
      });
    }
  });

  it("ask for deleted SidecarSets, which nobody keeps from being deleted", () => {
    expect(validating[1]).toMatchObject({ rules: [{ operations: ["DELETE"] }], failurePolicy: "Ignore" });
  });

  it("name a Service for a manager inside the cluster", () => {
    const service = { namespace: "sidecarset-system", name: "sidecarset-webhook" };
    expect(webhooks({ ...OPTIONS, address: { service } }).mutating![0]!.clientConfig).toEqual({
      service: { ...service, path: "/mutate-pods", port: 443 },
      caBundle: "UEVN",
    });
  });
});

function webhooks(options: Parameters<typeof webhookConfigurations>[0]) {
  const { mutating, validating } = webhookConfigurations(options);
  return { mutating: mutating.webhooks, validating: validating.webhooks };
}
