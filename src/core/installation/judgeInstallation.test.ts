import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { JsonObject } from "../kube/object.ts";
import { NOTHING_STOPPED } from "../sidecarSet/stopSwitches.ts";
import type { Installation } from "./installation.ts";
import { judgeInstallation } from "./judgeInstallation.ts";

const NOW = Date.parse("2026-06-10T08:00:00Z");
const DAY = 86_400_000;

function object(kind: string, rest: object = {}) {
  return { apiVersion: "v1", kind, metadata: { name: kind.toLowerCase() }, ...rest };
}

function aDefinition(status: object = { rollout: {} }, served = true) {
  const openAPIV3Schema = { properties: { status: { properties: status } } as unknown as JsonObject };
  return object("CustomResourceDefinition", {
    spec: { versions: [{ name: "v1beta1", served, storage: true, schema: { openAPIV3Schema } }] },
    status: { conditions: [{ type: "Established", status: "True" }] },
  });
}

const HEALTHY: Installation = {
  clientVersion: "1.2.0",
  serverVersion: "v1.36.3",
  systemNamespace: object("Namespace"),
  definition: aDefinition(),
  rights: [{ what: "list pods", neededFor: "explain", allowed: true }],
  openKruise: undefined,
  switches: NOTHING_STOPPED,
  mutating: object("MutatingWebhookConfiguration", { webhooks: [{ name: "pods.fail.sidecarset.kruise.io" }] }),
  validating: object("ValidatingWebhookConfiguration", { webhooks: [{ name: "validation" }] }),
  authorities: [NOW + 88 * DAY],
  answer: { kind: "reached", milliseconds: 9 },
  lease: { holder: "sc-x1_abc", durationSeconds: 15, renewedAt: NOW - 2_000 },
  managers: [
    { name: "sc-x1", ready: true, version: "1.2.3" },
    { name: "sc-x2", ready: true, version: "1.2.3" },
  ],
  sidecarSets: [aSidecarSet()].map((set) => ({
    ...set,
    status: { ...set.status, observedGeneration: set.generation },
  })),
  unreadable: new Map(),
  now: NOW,
};

function findings(change: Partial<Installation>, isBefore = false): readonly string[] {
  return judgeInstallation({ ...HEALTHY, ...change }, { systemNamespace: "kruise-system", isBefore })
    .filter(({ severity }) => severity !== "ok")
    .map(({ code, severity, message, fix }) => {
      expect(fix).not.toBe("");
      return `${code} ${severity} ${message}`;
    });
}

function withStatus(status: object): Pick<Installation, "sidecarSets"> {
  const [set] = HEALTHY.sidecarSets!;
  return { sidecarSets: [{ ...set!, status: { ...set!.status, ...status } }] };
}

describe("what is said of an installation", () => {
  it("is nothing when all is well", () => {
    expect(findings({})).toEqual([]);
    expect(judgeInstallation(HEALTHY, { systemNamespace: "kruise-system", isBefore: false })).toHaveLength(16);
  });

  it.each<[string, Partial<Installation>, RegExp]>([
    ["an old API server", { serverVersion: "v1.27.4" }, /^C01 warning API server v1\.27\.4 is older/],
    ["no CRD", { definition: null }, /^C02 error the cluster has no CRD/],
    [
      "a CRD that does not serve our version",
      { definition: aDefinition({}, false) },
      /^C02 error .* serves no version/,
    ],
    ["OpenKruise's CRD", { definition: aDefinition({ matchedPods: {} }) }, /^C02 warning .* is OpenKruise's/],
    ["no namespace", { systemNamespace: null }, /^C03 error the cluster has no namespace kruise-system/],
    [
      "a right that is missing",
      { rights: [{ what: "patch sidecarsets.apps.kruise.io", neededFor: "pause", allowed: false }] },
      /^C04 warning you may not patch sidecarsets\.apps\.kruise\.io, which pause needs/,
    ],
    [
      "OpenKruise beside us",
      { openKruise: { namespace: "kruise-system", replicas: 2, version: "v1.8.0" } },
      /^C05 error OpenKruise v1\.8\.0 .* both would write the same pods/,
    ],
    [
      "a stop switch",
      { switches: { ...NOTHING_STOPPED, updates: { reason: "incident 7", since: undefined } } },
      /^C06 warning updates: stopped \(incident 7\)/,
    ],
    ["nobody who ever led", { lease: null }, /^C07 error there is no Lease/],
    ["a lease that was given back", { lease: { ...HEALTHY.lease!, holder: "" } }, /^C07 error no manager leads/],
    [
      "a leader that is silent",
      { lease: { ...HEALTHY.lease!, renewedAt: NOW - 60_000 } },
      /^C07 error no manager leads: sc-x1_abc has not renewed the Lease for 60 s/,
    ],
    [
      "a manager that is not ready",
      { managers: [...HEALTHY.managers!, { name: "sc-x3", ready: false, version: "1.2.3" }] },
      /^C08 error 2 of 3 pods of the manager are ready; not ready: sc-x3/,
    ],
    ["a single manager", { managers: HEALTHY.managers!.slice(1) }, /^C08 warning 1 of 1 pod/],
    ["another minor version", { clientVersion: "1.3.0" }, /^C09 warning client 1\.3\.0 and manager 1\.2\.3/],
    ["no webhook", { mutating: null }, /^C10 error the webhook configuration sidecarset-mutating is not there/],
    [
      "a webhook that pods are not sent to",
      { mutating: object("Mutating", { webhooks: [{ name: "hashes" }] }) },
      /^C10 error no pods are sent to the webhook although 1 SidecarSets inject/,
    ],
    ["an authority that ends soon", { authorities: [NOW + 5 * DAY] }, /^C11 warning .* expires in 5 days/],
    ["an authority that has ended", { authorities: [NOW - 2 * DAY] }, /^C11 error .* has expired 2 days ago/],
    ["no authority", { authorities: [] }, /^C11 error .* \(caBundle is empty/],
    ["a webhook that is not reached", { answer: { kind: "missed", error: "timeout" } }, /^C12 error .* timeout/],
    ["a webhook that cannot be tried", { answer: { kind: "untested", error: "quota" } }, /^C12 warning .* quota/],
    ["a SidecarSet that cannot be read", { unreadable: new Map([["odd", "spec: x"]]) }, /^C13 error SidecarSet odd/],
    ["a status of before", withStatus({ observedGeneration: 0 }), /^C14 error no manager has looked .* logging/],
    [
      "pods without sidecars",
      withStatus({ selectedPods: 43, waiting: [{ code: "I04", count: 2, examples: ["pay/ledger-0"] }] }),
      /^C15 warning 2 of 43 pods that logging selects have no sidecars: pay\/ledger-0 \(I04\)/,
    ],
    [
      "a rollout that is blocked",
      withStatus({
        conditions: [{ type: "Stalled", status: "True", reason: "BudgetExhausted", message: "the budget" }],
      }),
      /^C16 warning logging does not go on by itself: the budget/,
    ],
  ])("names %s", (_name, change, expected) => {
    const found = findings(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it("before an installation takes what is not there yet as it is", () => {
    const nothing = {
      definition: null,
      systemNamespace: null,
      mutating: null,
      lease: null,
      managers: [],
      answer: undefined,
    };
    expect(findings(nothing, true)).toEqual([]);
    expect(findings({ ...nothing, openKruise: { namespace: "k", replicas: 1, version: "" } }, true)).toEqual([
      "C05 warning OpenKruise (Deployment k/kruise-controller-manager) owns the SidecarSets",
    ]);
  });
});
