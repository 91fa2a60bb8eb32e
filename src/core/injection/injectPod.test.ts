import fastJsonPatch from "fast-json-patch";
import * as rfc6902 from "rfc6902";
import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { applyJsonPatch } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Container, Pod } from "../kube/pod.ts";
import { ok } from "../result.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Injection, InjectionInput } from "./injection.ts";
import { rejectionText } from "./injectionReason.ts";
import { injectPod } from "./injectPod.ts";

describe("what comes out of an injection", () => {
  it("the sidecar stands where it was asked for, with its marker, and the app's containers stay as they were", () => {
    const app = { name: "app", image: "app:1", fieldOfTomorrow: { a: [1] } };
    const set = aSidecarSet({
      containers: [aSidecar("front"), aSidecar("back", { podInjectPolicy: "AfterAppContainer" })],
    });
    const pod = podAfter({ pod: aPod({ containers: [app] }), sidecarSets: [set] });
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["front", "app", "back"]);
    expect(pod.spec.containers[1]).toBe(app);
    expect(pod.spec.containers[0]?.env).toEqual([{ name: "IS_INJECTED", value: "true" }]);
  });

  it("the sidecar's own fields never reach the pod, fields we do not know do", () => {
    const sidecar = aSidecar("s", {
      transferEnv: [],
      resourcesPolicy: undefined,
      restartPolicyRules: [{ action: "Restart" }],
    });
    const [built] = podAfter({ sidecarSets: [aSidecarSet({ containers: [sidecar] })] }).spec.containers;
    expect(Object.keys(built!).sort()).toEqual([
      "env",
      "image",
      "imagePullPolicy",
      "name",
      "restartPolicyRules",
      "terminationMessagePath",
      "terminationMessagePolicy",
    ]);
  });

  it("nothing of the input is changed", () => {
    const input = anInput({ sidecarSets: [aSharingSet()] });
    const before = structuredClone(input.pod);
    injectPod(input);
    expect(input.pod).toEqual(before);
  });

  it("the patch inserts whole elements and means the same to other libraries", () => {
    const pod = aPod({
      initContainers: [{ name: "own-init", image: "i:1" }],
      volumes: [{ name: "data", emptyDir: {} }],
      imagePullSecrets: [{ name: "a" }, { name: "a" }],
    });
    const set = aSharingSet({ initContainers: [aSidecar("prepare")], imagePullSecrets: [{ name: "b" }] });
    const { patch } = injectionOf({ pod, sidecarSets: [set] });
    expect(patch.map(({ op, path }) => `${op} ${path}`)).toEqual([
      "add /metadata/annotations",
      "add /spec/initContainers/-",
      "add /spec/containers/0",
      "add /spec/volumes/-",
      "replace /spec/imagePullSecrets",
    ]);
    const ours = applied(pod, patch);
    const operations = structuredClone(patch) as never;
    expect(fastJsonPatch.applyPatch(structuredClone(pod), operations).newDocument).toEqual(ours);
    const target = structuredClone(pod);
    expect(rfc6902.applyPatch(target, operations).filter((failed) => failed !== null)).toEqual([]);
    expect(target).toEqual(ours);
  });

  it("a hot-upgrade pair is two copies, the second with the idle image", () => {
    const strategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" };
    const pod = podAfter({
      sidecarSets: [aSidecarSet({ containers: [aSidecar("mesh", { upgradeStrategy: strategy })] })],
    });
    expect(pod.spec.containers.map(({ name, image }) => `${name} ${image}`)).toEqual([
      "mesh-1 mesh:1",
      "mesh-2 empty:1",
      "app app:1",
    ]);
    expect(pod.metadata.annotations?.["kruise.io/sidecarset-working-hotupgrade-container"]).toBe('{"mesh":"mesh-1"}');
  });
});

describe("injecting a second time", () => {
  it("changes nothing, also when sidecars of other sets have become visible", () => {
    const taking = aSidecar("taking", {
      shareVolumePolicy: { type: "enabled" },
      transferEnv: [{ sourceContainerName: "giving", envName: "REGION" }],
    });
    const sets = [
      aSidecarSet({ containers: [aSidecar("giving", { env: [{ name: "REGION", value: "eu" }] })] }, { name: "a" }),
      aSidecarSet({ containers: [taking] }, { name: "b" }),
    ];
    const once = podAfter({ sidecarSets: sets });
    expect(injectionOf({ pod: once, sidecarSets: sets, now: NOW + 60_000 }).patch).toEqual([]);
  });

  it("leaves alone what others have added to our containers since, such as the token of the service account", () => {
    const sidecarSets = [aSharingSet()];
    const once = podAfter({ sidecarSets });
    const token = { name: "kube-api-access", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
    const mounting = (container: Container) => ({
      ...container,
      volumeMounts: [...(container.volumeMounts ?? []), token],
    });
    const pod = { ...once, spec: { ...once.spec, containers: once.spec.containers.map(mounting) } };
    expect(injectionOf({ pod, sidecarSets }).patch).toEqual([]);
  });

  it("puts a container back that somebody took out, and keeps the place of the others", () => {
    const sidecarSets = [aSidecarSet({ containers: [aSidecar("a"), aSidecar("b")] })];
    const once = podAfter({ sidecarSets });
    const [, b, app] = once.spec.containers;
    const pod = { ...once, spec: { ...once.spec, containers: [app!, b!] } };
    expect(podAfter({ pod, sidecarSets }).spec.containers.map(({ name }) => name)).toEqual(["a", "app", "b"]);
  });

  it("rebuilds the sidecars of an older revision where they stand, as in a copy of a running pod", () => {
    const once = podAfter({ sidecarSets: [aSidecarSet()] });
    const annotations = { "kruise.io/sidecarset-hash": "newer", "kruise.io/sidecarset-hash-without-image": "same" };
    const newer = aSidecarSet({ containers: [{ name: "logtail", image: "logtail:3" }] }, { annotations });
    expect(podAfter({ pod: once, sidecarSets: [newer] }).spec.containers[0]?.image).toBe("logtail:3");
  });
});

describe("the resources that a sidecar computes from the pod's containers", () => {
  const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" };
  const resourcesPolicy = { targetContainersMode: "sum", resourcesExpr: { requests: { cpu: "cpu" } } };
  const hot = aSidecar("hot", { upgradeStrategy, resources: { requests: { cpu: "3" } } });
  const pod = aPod({ containers: [{ name: "app", image: "app:1", resources: { requests: { cpu: "1" } } }] });
  const sets = (hash: string) => [
    aSidecarSet({ containers: [hot] }, { name: "hot" }),
    aSidecarSet(
      { containers: [aSidecar("computed", { resourcesPolicy })] },
      { name: "computed", annotations: { "kruise.io/sidecarset-hash": hash } },
    ),
  ];

  it("do not count the twins of a hot-upgrade pair, neither at first nor when it is built again", () => {
    const once = podAfter({ pod, sidecarSets: sets("old") });
    const again = podAfter({ pod: once, sidecarSets: sets("new") });
    const computed = again.spec.containers.find(({ name }) => name === "computed");
    expect(again).not.toEqual(once);
    expect(computed?.resources).toEqual({ requests: { cpu: "1" } });
    expect(once.spec.containers.find(({ name }) => name === "computed")).toEqual(computed);
  });
});

describe("containers with the name of a sidecar", () => {
  const marked = { name: "logtail", image: "mine:1", env: [{ name: "IS_INJECTED", value: "true" }] };

  it.each([
    ["containers", { containers: [{ name: "logtail", image: "mine:1" }] }],
    ["init containers", { initContainers: [{ name: "logtail", image: "mine:1" }] }],
    ["containers that only carry the marker", { containers: [marked] }],
  ])("among the pod's %s refuse the pod", (_, spec) => {
    expect(refusalOf({ pod: aPod(spec), sidecarSets: [aSidecarSet()] })).toMatchObject({
      sidecarSet: "logging",
      field: "spec.containers[name=logtail]",
      reason: { code: "I11", because: "injectionRejected" },
    });
  });

  it("of two SidecarSets refuse the pod and name both", () => {
    const sets = [aSidecarSet({}, { name: "a" }), aSidecarSet({}, { name: "b" })];
    const { sidecarSet, reason } = refusalOf({ sidecarSets: sets });
    expect([sidecarSet, reason.message]).toEqual([
      "b",
      'SidecarSet a already has a container named "logtail"; rename one of the two',
    ]);
  });

  it("are compared by the names of a hot-upgrade pair", () => {
    const strategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" };
    const set = aSidecarSet({ containers: [aSidecar("mesh", { upgradeStrategy: strategy })] });
    const pod = aPod({ containers: [{ name: "mesh-2", image: "mine:1" }] });
    expect(refusalOf({ pod, sidecarSets: [set] }).field).toBe("spec.containers[name=mesh-2]");
  });
});

describe("warnings for the creator of the pod", () => {
  it("tell of a volume of the same name that is another one", () => {
    const pod = aPod({ volumes: [{ name: "logs", hostPath: { path: "/var/log" } }] });
    expect(injectionOf({ pod, sidecarSets: [aSharingSet()] }).warnings).toEqual([
      'volume "logs" of SidecarSet logging is not the one of that name in the pod, which is used',
    ]);
  });

  it("tell of records that cannot be read, which do not keep the pod from running", () => {
    const pod = aPod({}, { annotations: { "kruise.io/sidecarset-hash": "no json" } });
    const { warnings } = injectionOf({ pod, sidecarSets: [aSidecarSet()] });
    expect(warnings).toEqual(["the pod's sidecar records could not be read (it is not JSON) and were written anew"]);
  });
});

describe("pods that get nothing", () => {
  it.each([
    ["have ended", { status: { phase: "Succeeded" } }],
    ["are being deleted", { metadata: { labels: { app: "web" }, deletionTimestamp: "2026-07-01T00:00:00Z" } }],
  ])("those that %s", (_, fields) => {
    const pod = { ...aPod(), ...fields } as Pod;
    expect(injectionOf({ pod, sidecarSets: [aSidecarSet()] })).toEqual({ patch: [], outcomes: [], warnings: [] });
  });

  it("those of excluded namespaces, with the reason", () => {
    const input = { pod: aPod({}, { namespace: "kube-system" }), sidecarSets: [aSidecarSet()] };
    const { patch, outcomes } = injectionOf({ ...input, excludedNamespaces: ["kube-system"] });
    expect(patch).toEqual([]);
    expect(outcomes).toMatchObject([{ kind: "skipped", sidecarSet: "logging", reason: { code: "I05" } }]);
  });

  it("mirror pods, with the reason", () => {
    const pod = aPod({}, { annotations: { "kubernetes.io/config.mirror": "x" } });
    const { patch, outcomes } = injectionOf({ pod, sidecarSets: [aSidecarSet()] });
    expect(patch).toEqual([]);
    expect(outcomes).toMatchObject([{ kind: "skipped", sidecarSet: "logging", reason: { code: "I09" } }]);
  });
});

describe("a SidecarSet that cannot be injected", () => {
  const clashing = (strategy: object = {}) =>
    aSidecarSet({ containers: [aSidecar("app")], injectionStrategy: strategy }, { name: "clashing" });
  const fine = aSidecarSet({ containers: [aSidecar("log")] }, { name: "fine" });
  const text =
    'SidecarSet clashing cannot be injected (I11): spec.containers[name=app]: the pod already has a container named "app"; rename one of the two';

  it("refuses the pod, also when nothing is said about failures", () => {
    expect(rejectionText(refusalOf({ sidecarSets: [clashing(), fine] }))).toBe(text);
    expect(rejectionText(refusalOf({ sidecarSets: [clashing({ failurePolicy: "Fail" })] }))).toBe(text);
  });

  it("is left out with the same text as a warning under Ignore, and the others are injected", () => {
    const sidecarSets = [clashing({ failurePolicy: "Ignore" }), fine];
    const { outcomes, warnings } = injectionOf({ sidecarSets });
    expect(warnings).toEqual([text]);
    expect(outcomes).toMatchObject([
      { kind: "injected", sidecarSet: "fine" },
      { kind: "skipped", sidecarSet: "clashing", reason: { code: "I11", because: "injectionRejected" } },
    ]);
    const pod = podAfter({ sidecarSets });
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["log", "app"]);
    expect(pod.metadata.annotations?.["kruise.io/sidecarset-injected-list"]).toBe("fine");
  });

  it("follows the installation where it says nothing itself", () => {
    const sidecarSets = [clashing()];
    expect(injectionOf({ sidecarSets, defaultFailurePolicy: "Ignore" })).toMatchObject({ patch: [], warnings: [text] });
    refusalOf({ sidecarSets: [clashing({ failurePolicy: "Fail" })], defaultFailurePolicy: "Ignore" });
  });
});

describe("the order of a set", () => {
  it("puts its init containers before those of others, whatever their names", () => {
    const first = aSidecarSet(
      { containers: [], initContainers: [aSidecar("z")], injectionStrategy: { order: -1 } },
      { name: "first" },
    );
    const second = aSidecarSet({ containers: [aSidecar("s")], initContainers: [aSidecar("b"), aSidecar("a")] });
    const pod = podAfter({ sidecarSets: [second, first] });
    expect(pod.spec.initContainers?.map(({ name }) => name)).toEqual(["z", "a", "b"]);
  });
});

describe("a pinned revision", () => {
  const old = aSidecarSet({ containers: [{ name: "logtail", image: "logtail:0" }] });
  const revision = revisionOf(old, { revision: 1, collisionCount: 0 });
  const pinnedTo = (revisionName: string) => aSidecarSet({ injectionStrategy: { revision: { revisionName } } });

  it("is injected instead of the latest, and the outcome says so", () => {
    const input = { sidecarSets: [pinnedTo(revision.metadata.name!)], revisions: [revision] };
    expect(podAfter(input).spec.containers[0]?.image).toBe("logtail:0");
    expect(injectionOf(input).outcomes).toMatchObject([{ kind: "injected", otherRevision: { code: "I08" } }]);
  });

  it("that is gone refuses the pod", () => {
    expect(refusalOf({ sidecarSets: [pinnedTo("gone")], revisions: [revision] })).toMatchObject({
      field: "spec.injectionStrategy.revision.revisionName",
      reason: {
        code: "I11",
        message: 'SidecarSet logging has no revision "gone"; pin "logging-5c577db74d", or remove the pin',
      },
    });
  });

  it("of another SidecarSet is none", () => {
    const foreign = revisionOf(aSidecarSet({}, { name: "other" }), { revision: 1, collisionCount: 0 });
    const input = { sidecarSets: [pinnedTo(foreign.metadata.name!)], revisions: [foreign] };
    expect(refusalOf(input).reason.code).toBe("I11");
  });
});

const NOW = Date.parse("2026-07-01T00:00:00Z");

function aPod(spec: object = {}, metadata: object = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", namespace: "default", labels: { app: "web" }, ...metadata },
    spec: { containers: [{ name: "app", image: "app:1" }], ...spec },
  };
}

function aSidecar(name: string, fields: object = {}): Container {
  return { name, image: `${name}:1`, ...fields };
}

/** Shares the mounts of the pod and brings the volume `logs`. */
function aSharingSet(spec: Record<string, unknown> = {}): SidecarSet {
  const sidecar = { shareVolumePolicy: { type: "enabled" }, volumeMounts: [{ name: "logs", mountPath: "/logs" }] };
  return aSidecarSet({
    containers: [aSidecar("sharing", sidecar)],
    volumes: [{ name: "logs", emptyDir: {} }],
    ...spec,
  });
}

function anInput(fields: Partial<InjectionInput>): InjectionInput {
  return {
    pod: aPod(),
    requestNamespace: "default",
    namespaceLabels: {},
    sidecarSets: [],
    revisions: [],
    now: NOW,
    identity: "web-0",
    compilePattern: () => ok(() => true),
    ...fields,
  };
}

function injectionOf(fields: Partial<InjectionInput>): Injection {
  const injection = injectPod(anInput(fields));
  if (!injection.ok) throw new Error(JSON.stringify(injection.error));
  return injection.value;
}

function refusalOf(fields: Partial<InjectionInput>) {
  const injection = injectPod(anInput(fields));
  if (injection.ok) throw new Error("the pod was not refused");
  return injection.error;
}

function podAfter(fields: Partial<InjectionInput>): Pod {
  return applied(fields.pod ?? aPod(), injectionOf(fields).patch);
}

function applied(pod: Pod, patch: Injection["patch"]): Pod {
  const result = applyJsonPatch(pod as unknown as Json, patch);
  if (!result.ok) throw new Error(result.error);
  return result.value as unknown as Pod;
}
