import { describe, expect, it } from "vitest";
import { ordinalOf } from "../../src/core/injection/podOrdinal.ts";
import { DEEPEST_NESTING, TOO_DEEP } from "../../src/core/kube/nesting.ts";
import type { ControllerRevision, Json } from "../../src/core/kube/object.ts";
import { formatInPlaceStates, parseInPlaceStates } from "../../src/core/pod/inPlaceState.ts";
import { upgradableCondition } from "../../src/core/pod/upgradableCondition.ts";
import { formatUpgradeStates, parseUpgradeStates } from "../../src/core/pod/upgradeState.ts";
import { convertSidecarSet } from "../../src/core/sidecarSet/convertSidecarSet.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { restoreRevision } from "../../src/core/sidecarSet/revision.ts";
import { validateSidecarSet } from "../../src/core/sidecarSet/validateSidecarSet.ts";
import { reviewBy } from "../../src/webhook/admissionHandlers.ts";
import { type AdmissionRequest, parseAdmissionReview } from "../../src/webhook/admissionReview.ts";
import { admitPod } from "../../src/webhook/admitPod.ts";
import { compileGoPattern } from "../../src/webhook/goPattern.ts";
import { aPod, aPodObject } from "../aPod.ts";
import { aSidecarSet, aSidecarSetObject } from "../aSidecarSet.ts";

const DEEP_TEXT = "[".repeat(20_000) + "]".repeat(20_000);
const DEEP = JSON.parse(DEEP_TEXT) as Json;
const SIZED = aSidecarSet({
  containers: [
    {
      name: "sized",
      image: "s:1",
      resourcesPolicy: {
        targetContainersMode: "sum",
        targetContainersNameRegex: "a",
        resourcesExpr: { limits: { cpu: "cpu" } },
      },
    },
  ],
});

function podReview(pod: unknown) {
  const gathered = { sidecarSets: [SIZED], revisions: [], namespaceLabels: {} };
  return reviewBy((given) => admitPod(given, gathered, { now: 0 }), podRequest(pod));
}

function podRequest(pod: unknown): AdmissionRequest {
  const request = { uid: "u", operation: "CREATE", resource: { group: "", version: "v1", resource: "pods" } };
  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
  const parsed = parseAdmissionReview(JSON.stringify(review));
  if (!parsed.ok) throw new Error(parsed.error);
  return { ...parsed.value, object: pod as never };
}

function injectedWith(sidecar: object, app: object) {
  const { spec, ...pod } = aPodObject();
  const request = podRequest({ ...pod, spec: { ...spec, containers: [app] } });
  return admitPod(
    request,
    { sidecarSets: [aSidecarSet({ containers: [sidecar] })], revisions: [], namespaceLabels: {} },
    { now: 0 },
  );
}

function judged(spec: Record<string, unknown>, whitelist?: string): readonly string[] {
  const sidecarSet = aSidecarSetObject(spec);
  const metadataRules = whitelist === undefined ? { allowedByDefault: true } : { allowedByDefault: false, whitelist };
  const rest = { existing: [], revisions: [], metadataRules };
  const errors = validateSidecarSet({ ...rest, sidecarSet, compilePattern: compileGoPattern });
  return errors.map(({ field }) => field);
}

describe("what fuzzing has found", () => {
  it("a review whose kind cannot become a text is refused", () => {
    expect(parseAdmissionReview('{"kind":{"toString":1,"valueOf":1}}')).toMatchObject({ ok: false });
  });

  it("a pod nested without end is refused", async () => {
    expect(await podReview({ ...aPodObject(), kind: DEEP })).toMatchObject({ response: { allowed: false } });
    const { spec, ...pod } = aPodObject();
    const containers = [{ name: "app", env: [{ name: "X", valueFrom: DEEP }] }];
    expect(await podReview({ ...pod, spec: { ...spec, containers } })).toHaveProperty("response.allowed");
  });

  it("a SidecarSet or revision nested without end is not read", () => {
    const deep = aSidecarSetObject({ containers: [{ name: "a", image: "a", x: DEEP }] });
    const refusal = { ok: false, error: [{ detail: TOO_DEEP }] };
    expect(parseSidecarSet(deep)).toMatchObject(refusal);
    expect(convertSidecarSet(deep, "v1beta1")).toMatchObject(refusal);
    const revision = { metadata: { name: "r" }, data: { spec: { volumes: DEEP } } } as unknown as ControllerRevision;
    expect(restoreRevision(aSidecarSet(), revision)).toMatchObject({ ok: false });
    expect(DEEPEST_NESTING).toBeLessThan(10_000);
  });

  it("containers of a pod without a name are refused, and lists and maps with null in them", async () => {
    for (const containers of [[{ image: "a" }], [{ name: null }], [null], [{ name: "a", env: [null] }]]) {
      const { spec, ...pod } = aPodObject();
      expect(await podReview({ ...pod, spec: { ...spec, containers } })).toMatchObject({
        response: { allowed: false },
      });
    }
    const { metadata, ...pod } = aPodObject();
    expect(await podReview({ ...pod, metadata: { ...metadata, annotations: { x: null } } })).toMatchObject({
      response: { allowed: false },
    });
  });

  it("a source of variables whose list is null has none", () => {
    const sidecar = { name: "side", image: "s:1", transferEnv: [{ sourceContainerName: "app", envName: "X" }] };
    expect(injectedWith(sidecar, { name: "app", env: null })).toMatchObject({ allowed: true, warnings: [] });
  });

  it("a pod of a StatefulSet whose name is null has no ordinal", () => {
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u", controller: true };
    const { metadata, ...pod } = aPodObject();
    expect(ordinalOf({ ...pod, metadata: { ...metadata, name: null as never, ownerReferences: [owner] } })).toBe(
      undefined,
    );
  });

  it("an amount of a pod that cannot become a text is refused", async () => {
    const { spec, ...pod } = aPodObject();
    const containers = [{ name: "app", resources: { limits: { cpu: { toString: 1, valueOf: 1 } } } }];
    expect(await podReview({ ...pod, spec: { ...spec, containers } })).toMatchObject({ response: { allowed: false } });
  });

  it("a SidecarSet with a null label, a null expression or one without key and a hot-upgrade container without name is judged", () => {
    expect(judged({ selector: { matchLabels: { app: null } } })).toEqual([]);
    expect(judged({ namespaceSelector: { matchExpressions: [null] } })).toContain(
      "spec.namespaceSelector.matchExpressions[0].key",
    );
    expect(judged({ selector: { matchExpressions: [{ operator: "Exists" }] } })).toContain(
      "spec.selector.matchExpressions[0].key",
    );
    expect(
      judged({
        containers: [{ image: "a:1", upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "e:1" } }],
      }),
    ).toContain("spec.containers[0].name");
  });

  it("a white list with nulls in it is read or refused, and allows nothing by them", () => {
    const refused = ["spec.patchPodMetadata"];
    for (const rules of [
      '[{"allowedAnnotationKeyExprs":[null]}]',
      "[null]",
      '[{"allowedAnnotationKeyExprs":null}]',
      "null",
    ]) {
      expect(judged({ patchPodMetadata: [{ annotations: { x: "1" } }] }, `{"rules":${rules}}`)).toEqual(refused);
    }
  });

  it("a record's time outside the years that can be written is unreadable", () => {
    const text = '{"a":{"revision":"r","updateTimestamp":"9999-12-31T23:59:59-12:00"}}';
    const states = parseInPlaceStates(text);
    expect(states.readable).toBe(false);
    expect(parseInPlaceStates(formatInPlaceStates(states.states)).readable).toBe(true);
  });

  it("a record's field of another writer that is nested without end is dropped", () => {
    const { readable, states } = parseInPlaceStates(`{"a":{"revision":"r","updateImages":${DEEP_TEXT}}}`);
    expect(readable).toBe(false);
    expect(formatInPlaceStates(states)).toBe(
      '{"a":{"revision":"r","updateTimestamp":null,"lastContainerStatuses":null}}',
    );
  });

  it("a condition whose message is nested without end is replaced", () => {
    const message = `{"other":${DEEP_TEXT}}`;
    const pod = { ...aPod(), upgradable: { status: "False", reason: "", message } };
    const condition = upgradableCondition(pod, { sidecarSet: "logging", upgradable: true }, 0);
    expect(condition).toMatchObject({ status: "True", message: '{"logging":true}' });
  });

  it("an infinite count in a record is not written again", () => {
    const text = '{"a":{"hash":"h","containers":{"c":{"containerID":"","restartCount":1e400,"generation":1}}}}';
    expect(formatUpgradeStates(parseUpgradeStates(text))).toBe("{}");
  });
});
