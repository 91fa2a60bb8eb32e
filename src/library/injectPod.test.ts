import { describe, expect, it } from "vitest";
import { aSidecarSetObject } from "../../test/aSidecarSet.ts";
import { revisionOf } from "../core/sidecarSet/revision.ts";
import { applyPatch, hashSidecarSet, type InjectionRequest, injectPod, parseSidecarSet } from "./sidecarset.ts";

const POD = {
  metadata: { name: "web-0", labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "web:1" }], futureField: { kept: true } },
};

describe("injecting a pod from code", () => {
  it("gives the pod that its patch makes, and leaves what it was given as it was", () => {
    const given = structuredClone(POD);
    const { pod, patch, outcomes } = injected({ pod: given });
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["logtail", "web"]);
    expect(pod.spec.futureField).toEqual({ kept: true });
    expect(applyPatch(given, patch)).toEqual({ ok: true, value: pod });
    expect(outcomes).toEqual([{ kind: "injected", sidecarSet: "logging", containers: ["logtail"] }]);
    expect(given).toEqual(POD);
  });

  it("records the hashes that admission would have written, whatever stands in the file, and the time", () => {
    const sidecarSet = aSidecarSetObject();
    const hashes = hashSidecarSet(sidecarSet);
    const now = new Date("2026-07-01T00:00:00Z");
    expect(records({ sidecarSets: [sidecarSet], now })).toMatchObject({
      logging: { hash: hashes.ok && hashes.value.hash, updateTimestamp: "2026-07-01T00:00:00Z" },
    });
  });

  it("takes a SidecarSet that has been read already, and knows its revisions", () => {
    const set = parseSidecarSet(aSidecarSetObject());
    if (!set.ok) throw new Error(JSON.stringify(set.error));
    const older = revisionOf(set.value, { revision: 1, collisionCount: 0 });
    const pin = { revision: { revisionName: older.metadata.name, policy: "Always" } };
    const live = aSidecarSetObject({ containers: [{ name: "logtail", image: "logtail:3" }], injectionStrategy: pin });
    const images = (request: Partial<InjectionRequest<typeof POD>>) =>
      injected(request).pod.spec.containers.map(({ image }) => image);
    expect(images({ sidecarSets: [set.value] })).toEqual(["logtail:2", "web:1"]);
    expect(images({ sidecarSets: [live], revisions: [older] })).toEqual(["logtail:2", "web:1"]);
  });

  it("matches the namespace by its name and by the labels that are given", () => {
    const bound = (matchLabels: object) => [aSidecarSetObject({ namespaceSelector: { matchLabels } })];
    const namespace = "shop";
    const isInjected = (request: Partial<InjectionRequest<typeof POD>>) =>
      injected(request).outcomes[0]?.kind === "injected";
    expect(isInjected({ sidecarSets: bound({ "kubernetes.io/metadata.name": "shop" }) })).toBe(false);
    expect(isInjected({ sidecarSets: bound({ "kubernetes.io/metadata.name": "shop" }), namespace })).toBe(true);
    expect(isInjected({ sidecarSets: bound({ team: "a" }), namespaceLabels: { team: "a" } })).toBe(true);
  });

  it("keeps the rules of an installation: namespaces that are never touched, and what happens to failures", () => {
    const clash = { ...POD, spec: { containers: [{ name: "logtail", image: "mine:1" }] } };
    expect(injected({ namespace: "kube-system" }).outcomes).toMatchObject([{ reason: { code: "I05" } }]);
    expect(injected({ namespace: "kube-system", excludedNamespaces: [] }).patch).not.toEqual([]);
    const ignoring = injectPod({ pod: clash, sidecarSets: [aSidecarSetObject()], defaultFailurePolicy: "Ignore" });
    expect(ignoring).toMatchObject({ ok: true, value: { pod: clash, warnings: [expect.stringContaining("I11")] } });
  });
});

describe("what cannot be injected from code", () => {
  it("is refused with the words of the webhook", () => {
    const pod = { ...POD, spec: { containers: [{ name: "logtail", image: "mine:1" }] } };
    expect(injectPod({ pod, sidecarSets: [aSidecarSetObject()] })).toMatchObject({
      ok: false,
      error: {
        kind: "rejected",
        message: expect.stringMatching(/^SidecarSet logging cannot be injected \(I11\): spec\.containers/),
        sidecarSet: "logging",
        field: "spec.containers[name=logtail]",
      },
    });
  });

  it.each<[string, Partial<InjectionRequest<object>>, string]>([
    ["a pod that is none", { pod: { kind: "Deployment" } }, "pod.kind"],
    ["a pod without containers", { pod: { metadata: {}, spec: {} } }, "pod.spec.containers"],
    ["a SidecarSet that is none", { sidecarSets: [{ kind: "Pod" }] }, "sidecarSets[0].kind"],
    ["a list for a SidecarSet", { sidecarSets: [aSidecarSetObject(), []] }, "sidecarSets[1]"],
    ["a SidecarSet instead of a list", { sidecarSets: aSidecarSetObject() as never }, "sidecarSets"],
    ["two of one name", { sidecarSets: [aSidecarSetObject(), aSidecarSetObject()] }, "sidecarSets[1].metadata.name"],
    ["a revision that is none", { revisions: [{} as never] }, "revisions[0]"],
    [
      "a revision with a text for its number",
      { revisions: [{ metadata: {}, revision: "1" } as never] },
      "revisions[0].revision",
    ],
  ])("names the place of %s", (_, request, field) => {
    const injection = injectPod<object>({ pod: POD, sidecarSets: [aSidecarSetObject()], ...request });
    expect(injection).toMatchObject({ ok: false, error: { kind: "unreadable", errors: [{ field }] } });
  });
});

function injected(request: Partial<InjectionRequest<typeof POD>>) {
  const injection = injectPod({ pod: POD, sidecarSets: [aSidecarSetObject()], ...request });
  if (!injection.ok) throw new Error(injection.error.message);
  return injection.value;
}

function records(request: Partial<InjectionRequest<typeof POD>>): unknown {
  const { metadata } = injected(request).pod as { metadata: { annotations?: Record<string, string> } };
  return JSON.parse(metadata.annotations?.["kruise.io/sidecarset-hash"] ?? "");
}
