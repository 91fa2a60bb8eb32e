import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { aSidecarSetObject } from "../../../../test/aSidecarSet.ts";
import { type Finding, finding, isLintCode } from "./finding.ts";
import { lintSidecarSet } from "./lintSidecarSet.ts";
import { warningTexts } from "./warningTexts.ts";

type Spec = Record<string, unknown>;

const LOG = { name: "logtail", image: "logtail:2" };
const ENVOY = { name: "envoy", image: "envoy:1", upgradeStrategy: { upgradeType: "HotUpgrade" } };
const NATIVE = { name: "mesh", image: "mesh:1", restartPolicy: "Always" };
const DIGEST = `logtail@sha256:${"a".repeat(64)}`;

function told(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, field }) => `${code} ${field}`);
}

function onCreate(spec: Spec, namespaces?: readonly Record<string, string>[]): readonly string[] {
  return told(lintSidecarSet({ sidecarSet: aSidecarSetObject(spec), namespaces }));
}

/** The old object has `status` when there is one. */
function onUpdate(before: Spec, after: Spec, status?: object): readonly Finding[] {
  const old = { ...aSidecarSetObject(before), ...(status && { status }) };
  return lintSidecarSet({ sidecarSet: aSidecarSetObject(after), old });
}

const rolling = (updateStrategy: Spec): Spec => ({ updateStrategy });
const withLog = (fields: Spec): Spec => ({ containers: [{ ...LOG, ...fields }] });
const inMatch = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
});

describe("what is told about a SidecarSet that is created", () => {
  it.each<[string, Spec, string[]]>([
    ["an ordinary one: nothing", {}, []],
    ["maxUnavailable 0", rolling({ maxUnavailable: 0 }), ["L01 spec.updateStrategy.maxUnavailable"]],
    ["maxUnavailable 0%", rolling({ maxUnavailable: "0%" }), ["L01 spec.updateStrategy.maxUnavailable"]],
    ["maxUnavailable 1%", rolling({ maxUnavailable: "1%" }), []],
    ["maxUnavailable 0 of a set that does not roll", rolling({ type: "NotUpdate", maxUnavailable: 0 }), []],
    [
      "an update selector with a partition",
      rolling({ selector: { matchLabels: { canary: "true" } }, partition: "50%" }),
      ["L03 spec.updateStrategy.partition"],
    ],
    ["an update selector with partition 0%", rolling({ selector: inMatch("canary", "Exists"), partition: "0%" }), []],
    ["a partition alone", rolling({ partition: "50%" }), []],
    [
      "a selector that contradicts itself",
      { selector: { matchLabels: { app: "web" }, ...inMatch("app", "NotIn", "web") } },
      ["L04 spec.selector"],
    ],
    [
      "a namespaceSelector that contradicts itself",
      { namespaceSelector: { matchLabels: { team: "a" }, ...inMatch("team", "DoesNotExist") } },
      ["L04 spec.namespaceSelector"],
    ],
    [
      "an update selector that excludes all that the selector selects",
      rolling({ selector: { matchLabels: { app: "other" } } }),
      ["L04 spec.updateStrategy.selector"],
    ],
    ["an update selector about another label", rolling({ selector: { matchLabels: { canary: "true" } } }), []],
    ["the tag latest", withLog({ image: "logtail:latest" }), ["L07 spec.containers[0].image"]],
    ["no tag", withLog({ image: "registry:5000/logtail" }), ["L07 spec.containers[0].image"]],
    [
      "no tag of an init container",
      { initContainers: [{ name: "prepare", image: "prepare" }] },
      ["L07 spec.initContainers[0].image"],
    ],
    ["a version without a digest", withLog({ image: "logtail:1.0.0" }), []],
    ["a digest", withLog({ image: DIGEST }), []],
    ["latest with a digest", withLog({ image: DIGEST.replace("@", ":latest@") }), []],
    [
      "a hot upgrade without an empty image",
      { containers: [ENVOY] },
      ["L08 spec.containers[0].upgradeStrategy.hotUpgradeEmptyImage"],
    ],
    ["a hot upgrade of an init container that ends, which is no pair", { initContainers: [ENVOY] }, []],
    ["partition 100%", rolling({ partition: "100%" }), ["L10 spec.updateStrategy.partition"]],
    ["partition 99%", rolling({ partition: "99%" }), []],
    ["a partition in pods, which nobody has counted", rolling({ partition: 500 }), []],
    [
      "quantities that are spelled unusually",
      withLog({ resources: { limits: { cpu: "1.500" }, requests: { cpu: "+5", memory: "0100Mi" } } }),
      [
        "L14 spec.containers[0].resources.limits[cpu]",
        "L14 spec.containers[0].resources.requests[cpu]",
        "L14 spec.containers[0].resources.requests[memory]",
      ],
    ],
    [
      "quantities that are written as they are read",
      withLog({ resources: { limits: { cpu: "1.5", memory: "1024Mi" }, requests: { cpu: 0.5, memory: "1000Mi" } } }),
      [],
    ],
    [
      "an unusual quantity that no hash covers",
      { initContainers: [{ name: "prepare", image: "prepare:1", resources: { limits: { cpu: "05" } } }] },
      [],
    ],
    [
      "policy Partial without a partition",
      { injectionStrategy: { revision: { revisionName: "r", policy: "Partial" } } },
      ["L16 spec.updateStrategy.partition"],
    ],
    [
      "policy Partial with a number",
      { injectionStrategy: { revision: { revisionName: "r", policy: "Partial" } }, ...rolling({ partition: 5 }) },
      ["L16 spec.updateStrategy.partition"],
    ],
    [
      "policy Partial with a percentage",
      { injectionStrategy: { revision: { revisionName: "r", policy: "Partial" } }, ...rolling({ partition: "5%" }) },
      [],
    ],
    [
      "policy Partial split by the update selector",
      {
        injectionStrategy: { revision: { revisionName: "r", policy: "Partial" } },
        ...rolling({ selector: inMatch("canary", "Exists") }),
      },
      [],
    ],
    [
      "policy Partial of a paused update",
      { injectionStrategy: { revision: { revisionName: "r", policy: "Partial" } }, ...rolling({ paused: true }) },
      [],
    ],
    [
      "no way out for pods, but for failures",
      { injectionStrategy: { optOut: "Deny", failurePolicy: "Ignore" } },
      ["L17 spec.injectionStrategy.failurePolicy"],
    ],
    ["no way out for pods at all", { injectionStrategy: { optOut: "Deny", failurePolicy: "Fail" } }, []],
    ["failures may pass, and pods may opt out", { injectionStrategy: { failurePolicy: "Ignore" } }, []],
  ])("%s", (_, spec, expected) => {
    expect(onCreate(spec)).toEqual(expected);
  });

  it.each<[string, Spec, readonly Record<string, string>[] | undefined, string[]]>([
    [
      "labels that no namespace has",
      { namespaceSelector: inMatch("team", "Exists") },
      [{ tier: "a" }],
      ["L04 spec.namespaceSelector"],
    ],
    [
      "labels that a namespace has",
      { namespaceSelector: inMatch("team", "Exists") },
      [{ tier: "a" }, { team: "b" }],
      [],
    ],
    ["namespaces that are not known", { namespaceSelector: inMatch("team", "Exists") }, undefined, []],
    [
      "a namespace that is not there",
      { namespace: "prod" },
      [{ "kubernetes.io/metadata.name": "dev" }],
      ["L04 spec.namespace"],
    ],
    ["a namespace that is there", { namespace: "prod" }, [{ "kubernetes.io/metadata.name": "prod" }], []],
  ])("%s", (_, spec, namespaces, expected) => {
    expect(onCreate(spec, namespaces)).toEqual(expected);
  });

  it("several at once come in the order of their codes", () => {
    const spec = { ...withLog({ image: "logtail" }), ...rolling({ maxUnavailable: 0, partition: "100%" }) };
    expect(onCreate(spec).map((text) => text.slice(0, 3))).toEqual(["L01", "L07", "L10"]);
  });
});

describe("what is told about a SidecarSet that changes", () => {
  it.each<[string, Spec, Spec, string[]]>([
    ["an image", {}, withLog({ image: "logtail:3" }), []],
    ["a variable", {}, withLog({ env: [{ name: "A", value: "1" }] }), ["L02 spec.containers[0].env"]],
    [
      "one value among others, with the image",
      withLog({ env: [{ name: "A", value: "1" }] }),
      withLog({ image: "logtail:3", env: [{ name: "A", value: "2" }] }),
      ["L02 spec.containers[0].env[0].value"],
    ],
    [
      "a resource",
      withLog({ resources: { limits: { cpu: "1" } } }),
      withLog({ resources: { limits: { cpu: "2" } } }),
      ["L02 spec.containers[0].resources.limits[cpu]"],
    ],
    [
      "an equal quantity in other words",
      withLog({ resources: { limits: { memory: "1024Mi" } } }),
      withLog({ resources: { limits: { memory: "1Gi" } } }),
      [],
    ],
    [
      "the order of containers",
      { containers: [LOG, { name: "b", image: "b:1" }] },
      { containers: [{ name: "b", image: "b:1" }, LOG] },
      ["L02 spec.containers"],
    ],
    [
      "a variable of a native sidecar",
      { initContainers: [NATIVE] },
      { initContainers: [{ ...NATIVE, args: ["-v"] }] },
      ["L02 spec.initContainers[0].args"],
    ],
    ["a native sidecar that is new", {}, { initContainers: [NATIVE] }, ["L02 spec.initContainers[0].name"]],
    [
      "a variable of a set that does not roll",
      rolling({ type: "NotUpdate" }),
      { ...withLog({ args: ["-v"] }), ...rolling({ type: "NotUpdate" }) },
      [],
    ],
    ["a field that no hash knows", {}, withLog({ podOverrides: ["imageTag"] }), []],
    ["volumes", {}, { volumes: [{ name: "log" }] }, ["L11 spec.volumes"]],
    [
      "volumes, written as the defaults have them",
      { volumes: [{ name: "log" }] },
      { volumes: [{ name: "log", emptyDir: {} }] },
      [],
    ],
    ["pull secrets", {}, { imagePullSecrets: [{ name: "registry" }] }, ["L11 spec.imagePullSecrets"]],
    ["annotations of pods", {}, { patchPodMetadata: [{ annotations: { a: "b" } }] }, ["L11 spec.patchPodMetadata"]],
    [
      "annotations of pods with an image, which brings them along",
      {},
      { ...withLog({ image: "logtail:3" }), patchPodMetadata: [{ annotations: { a: "b" } }] },
      [],
    ],
    [
      "an init container that ends, in a set that has nothing else",
      { containers: undefined, initContainers: [{ name: "prepare", image: "prepare:1" }] },
      { containers: undefined, initContainers: [{ name: "prepare", image: "prepare:2" }] },
      ["L11 spec.initContainers"],
    ],
    [
      "volumes with what mounts them",
      {},
      { ...withLog({ volumeMounts: [{ name: "log", mountPath: "/log" }] }), volumes: [{ name: "log" }] },
      ["L02 spec.containers[0].volumeMounts"],
    ],
    [
      "a version to latest, whose pull policy follows",
      {},
      withLog({ image: "logtail:latest" }),
      ["L07 spec.containers[0].image", "L12 spec.containers[0].imagePullPolicy"],
    ],
    [
      "latest to a version, whose pull policy follows",
      withLog({ image: "logtail:latest" }),
      {},
      ["L12 spec.containers[0].imagePullPolicy"],
    ],
    [
      "a version to latest, with a pull policy that is written",
      withLog({ imagePullPolicy: "IfNotPresent" }),
      withLog({ image: "logtail:latest", imagePullPolicy: "IfNotPresent" }),
      ["L07 spec.containers[0].image"],
    ],
    [
      "a pull policy that is written",
      withLog({ imagePullPolicy: "IfNotPresent" }),
      withLog({ imagePullPolicy: "Always" }),
      ["L02 spec.containers[0].imagePullPolicy"],
    ],
    [
      "the empty image of a pair",
      { containers: [{ ...ENVOY, upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" } }] },
      { containers: [{ ...ENVOY, upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:2" } }] },
      ["L13 spec.containers[0].upgradeStrategy.hotUpgradeEmptyImage"],
    ],
    ["a container that is gone", { containers: [LOG, { name: "b", image: "b:1" }] }, {}, ["L15 spec.containers"]],
    ["a native sidecar that is gone", { initContainers: [NATIVE] }, {}, ["L15 spec.initContainers"]],
  ])("%s", (_, before, after, expected) => {
    expect(told(onUpdate(before, after))).toEqual(expected);
  });

  it("names what else is no image", () => {
    const [found] = onUpdate({}, withLog({ args: ["-v"], workingDir: "/", env: [{ name: "A" }], tty: true }));
    expect(found?.field).toBe("spec.containers[0].args");
    expect(found?.message).toContain("(nor containers[0].workingDir and 2 more)");
  });

  it.each<[string, Spec, object | undefined, string[]]>([
    ["nobody has counted", {}, undefined, []],
    ["all are ready", {}, { matchedPods: 40, readyPods: 40 }, []],
    ["fewer are unready than the limit", rolling({ maxUnavailable: "10%" }), { matchedPods: 40, readyPods: 37 }, []],
    [
      "as many are unready as the limit",
      rolling({ maxUnavailable: "10%" }),
      { matchedPods: 40, readyPods: 36 },
      ["L06 spec.updateStrategy.maxUnavailable"],
    ],
    ["none is ready, so that none waits", {}, { matchedPods: 40, readyPods: 0 }, []],
    ["the count is of another generation", {}, { matchedPods: 40, readyPods: 36, observedGeneration: 7 }, []],
    ["the update is paused", rolling({ paused: true }), { matchedPods: 40, readyPods: 30 }, []],
    [
      "only selected pods go",
      rolling({ selector: inMatch("canary", "Exists") }),
      { matchedPods: 40, readyPods: 30 },
      [],
    ],
    [
      "nothing goes",
      rolling({ partition: 40 }),
      { matchedPods: 40, readyPods: 30 },
      ["L10 spec.updateStrategy.partition"],
    ],
    ["some are kept", rolling({ partition: 39, maxUnavailable: 2 }), { matchedPods: 40, readyPods: 40 }, []],
  ])("an image, and of the running pods %s", (_, strategy, status, expected) => {
    const after = { ...strategy, ...withLog({ image: "logtail:3" }) };
    expect(told(onUpdate(strategy, after, status && { observedGeneration: 1, ...status }))).toEqual(expected);
  });

  it("nothing about running pods, when there are none", () => {
    const status = { observedGeneration: 1, matchedPods: 0, readyPods: 0 };
    expect(onUpdate({}, withLog({ args: ["-v"] }), status)).toEqual([]);
  });

  it("what has been told about a container is not told again with every other change", () => {
    const latest = { name: "b", image: "b:latest" };
    const before = { containers: [LOG, latest] };
    expect(onUpdate(before, { containers: [{ ...LOG, image: "logtail:3" }, latest] })).toEqual([]);
  });

  it("but what holds every rollout up is", () => {
    const strategy = rolling({ maxUnavailable: 0 });
    const after = { ...strategy, ...withLog({ image: "logtail:3" }) };
    expect(told(onUpdate(strategy, after))).toEqual(["L01 spec.updateStrategy.maxUnavailable"]);
  });

  it("nothing, when the spec stays what it was, or is only written out in full", () => {
    const hurting = { ...withLog({ image: "logtail" }), ...rolling({ maxUnavailable: 0 }) };
    const complete = {
      ...withLog({ image: "logtail", imagePullPolicy: "Always" }),
      ...rolling({ maxUnavailable: 0, partition: 0 }),
    };
    const old = aSidecarSetObject(hurting);
    expect(lintSidecarSet({ sidecarSet: aSidecarSetObject(hurting, { labels: { a: "b" } }), old })).toEqual([]);
    expect(lintSidecarSet({ sidecarSet: aSidecarSetObject(complete), old })).toEqual([]);
  });

  it("an old object that cannot be read is none: only what is told at creation", () => {
    const old = aSidecarSetObject({ containers: "none" });
    expect(told(lintSidecarSet({ sidecarSet: aSidecarSetObject(withLog({ image: "logtail" })), old }))).toEqual([
      "L07 spec.containers[0].image",
    ]);
  });

  it.each([[undefined], [null], [5], [{ spec: { containers: "none" } }]])(
    "nothing about %j, which is an error",
    (raw) => {
      expect(lintSidecarSet({ sidecarSet: raw })).toEqual([]);
    },
  );
});

describe("the texts of warnings", () => {
  const spec = {
    containers: [
      { ...ENVOY, image: "registry.example.com/platform/mesh/envoy-with-a-long-name/and-more/of/it" },
      { ...LOG, image: "b", resources: { limits: { cpu: "1.500" } } },
    ],
    updateStrategy: { maxUnavailable: 0, partition: "100%", selector: { matchLabels: { app: "other" } } },
    injectionStrategy: {
      revision: { revisionName: "r", policy: "Partial" },
      optOut: "Deny",
      failurePolicy: "Ignore",
    },
  };

  it("begin with the code and the field, and are plain text short enough for the API server", () => {
    const texts = warningTexts([
      ...lintSidecarSet({ sidecarSet: aSidecarSetObject(spec) }),
      ...onUpdate(
        { containers: [LOG, { ...ENVOY, upgradeStrategy: { ...ENVOY.upgradeStrategy, hotUpgradeEmptyImage: "a" } }] },
        { containers: [{ ...LOG, image: "logtail", args: [], env: [{ name: "A" }], tty: true }, ENVOY], volumes: [] },
      ),
      ...onUpdate({ containers: [LOG, ENVOY] }, { containers: [LOG] }),
      ...onUpdate({}, { imagePullSecrets: [{ name: "a" }] }),
      ...onUpdate(
        rolling({ maxUnavailable: "10%" }),
        { ...withLog({ image: "logtail:3" }), ...rolling({ maxUnavailable: "10%" }) },
        { observedGeneration: 1, matchedPods: 40, readyPods: 30 },
      ),
    ]);
    expect(new Set(texts.map((text) => text.slice(0, 3))).size).toBe(14);
    for (const text of texts) {
      expect(text).toMatch(/^L\d\d: spec\.\S+: [ -~]+$/);
      expect(text.length, text).toBeLessThanOrEqual(220);
    }
  });

  it("stop where the API server would begin to cut, and say how many are left", () => {
    const containers = Array.from({ length: 60 }, (_, index) => ({ name: `c${index}`, image: `image-${index}` }));
    const texts = warningTexts(lintSidecarSet({ sidecarSet: aSidecarSetObject({ containers }) }));
    expect(texts.join("").length).toBeLessThanOrEqual(4096);
    expect(texts.at(-1)).toBe(`${60 - (texts.length - 1)} more warnings: sidecarset validate -f FILE shows them all`);
  });
});

describe("the page of codes", () => {
  it("has every code that is told, with its name, and says of no other that it is told", () => {
    const page = readFileSync(new URL("../../../../docs/reference/reasons.md", import.meta.url), "utf8");
    const documented = [
      ...page.matchAll(/^\| <a id="l\d\d"><\/a>(L\d\d) \| `(\w+)` \| (?:created|new|changed|preview) \|/gm),
    ];
    const codes = Array.from({ length: 99 }, (_, index) => `L${String(index + 1).padStart(2, "0")}`).filter(isLintCode);
    const told = codes.map((code) => [code, finding(code, "", "")[0]!.name]);
    expect(documented.map(([, code, name]) => [code, name])).toEqual(told);
  });
});
