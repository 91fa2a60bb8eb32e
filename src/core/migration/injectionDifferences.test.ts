import { describe, expect, it } from "vitest";
import { injectPod } from "../injection/injectPod.ts";
import { applyJsonPatch } from "../kube/jsonPatch.ts";
import type { ControllerRevision, Json, JsonObject } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Pod } from "../kube/pod.ts";
import { withHashes } from "../sidecarSet/hash.ts";
import { parseSidecarSet } from "../sidecarSet/parseSidecarSet.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { compareInjection, type ObservedInjection } from "./injectionDifferences.ts";

const compilePattern: CompilePattern = () => ({ ok: false, error: "none is expected" });
const LOGS = aSet("logs", {
  containers: [
    {
      ...{ name: "log", image: "log:1", volumeMounts: [{ name: "buffer", mountPath: "/buffer" }] },
      ...{ env: [{ name: "LEVEL", value: "info" }], transferEnv: [{ sourceContainerName: "web", envName: "ZONE" }] },
    },
    { name: "tail", image: "tail:1", podInjectPolicy: "AfterAppContainer" },
  ],
  volumes: [{ name: "buffer", emptyDir: {} }],
  patchPodMetadata: [{ annotations: { "team/logs": "yes" } }],
});
const MESH = aSet("mesh", { containers: [{ name: "proxy", image: "proxy:1" }] });
const POD = injected([LOGS, MESH]);

describe("a pod that was injected as we would", () => {
  it("does not differ, whatever the API server has filled in and upgrades have changed since", () => {
    const changed = edited((pod) => {
      const [log] = pod.spec.containers.filter(({ name }) => name === "log");
      Object.assign(log!, { image: "log:7", terminationMessagePath: "/dev/termination-log" });
      log!.volumeMounts.push({ name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" });
    });
    expect(compared({ pod: changed })).toEqual([]);
  });

  it("does not differ by the order of several SidecarSets, which OpenKruise does not fix", () => {
    const swapped = edited((pod) => pod.spec.containers.splice(0, 2, pod.spec.containers[1]!, pod.spec.containers[0]!));
    expect(swapped.spec.containers.map(({ name }) => name)).not.toEqual(POD.spec.containers.map(({ name }) => name));
    expect(compared({ pod: swapped })).toEqual([]);
  });

  it("is compared with the revision that it records", () => {
    const { spec } = LOGS;
    const next = withHashes({ ...LOGS, spec: { ...spec, containers: [{ ...spec.containers![0]!, env: [] }] } });
    const revision: ControllerRevision = revisionOf(LOGS, { revision: 1, collisionCount: 0 });
    expect(compared({ sidecarSets: [next, MESH], revisions: [revision] })).toEqual([]);
    const { unknown } = compareInjection(input({ sidecarSets: [next, MESH], revisions: [] }));
    expect(unknown).toEqual(["logs"]);
  });
});

describe("a pod that was injected otherwise", () => {
  it.each<readonly [string, (pod: Loose) => unknown, string]>([
    ["lacks a container", (pod) => pod.spec.containers.splice(0, 1), "containers log"],
    [
      "has its app first",
      (pod) => pod.spec.containers.unshift(pod.spec.containers.splice(2, 1)[0]!),
      "order containers",
    ],
    ["has another value", (pod) => Object.assign(pod.spec.containers[0]!.env[0]!, { value: "debug" }), "env log LEVEL"],
    ["lacks a variable", (pod) => pod.spec.containers[0]!.env.splice(-1, 1), "env log ZONE"],
    ["has its variables in another order", (pod) => pod.spec.containers[0]!.env.reverse(), "env log order"],
    ["mounts elsewhere", (pod) => pod.spec.containers[0]!.volumeMounts.splice(0, 1), "mounts log /buffer"],
    ["has another volume", (pod) => Object.assign(pod.spec.volumes[0]!, { emptyDir: { medium: "Memory" } }), ""],
    ["lacks the volume", (pod) => pod.spec.volumes.splice(0, 1), "volumes buffer"],
    ["lacks an annotation", (pod) => delete pod.metadata.annotations["team/logs"], "annotations team/logs"],
  ])("%s", (_what, edit, expected) => {
    const found = compared({ pod: edited(edit) });
    if (expected === "")
      expect(found).toEqual([]); // The pod had a volume of that name, which wins on either side.
    else expect(found.join("\n")).toContain(expected);
  });

  it("is in a namespace that we leave alone", () => {
    expect(compared({ excludedNamespaces: ["shop"] })).toEqual(["selection  I05", "selection  I05"]);
  });

  it("has the mark by which it opts out", () => {
    const pod = edited(({ metadata }) => Object.assign(metadata.labels, { "sidecarset.kruise.io/inject": "false" }));
    expect(compared({ pod })).toEqual(["selection  I12", "selection  I12"]);
  });

  it("lacks a SidecarSet that is older than it", () => {
    const bare = aPod();
    expect(compared({ pod: bare, sidecarSets: [LOGS] })).toEqual(["selection  "]);
    const late = { ...LOGS, createdAt: Date.parse("2026-03-01T00:00:00Z") };
    expect(compared({ pod: bare, sidecarSets: [late] })).toEqual([]);
  });
});

interface Loose {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: { containers: LooseContainer[]; volumes: object[] };
}
interface LooseContainer {
  name: string;
  env: object[];
  volumeMounts: object[];
}

function edited(edit: (pod: Loose) => unknown): Pod {
  const pod = JSON.parse(JSON.stringify(POD)) as Loose;
  edit(pod);
  return pod as unknown as Pod;
}

function input(given: Partial<ObservedInjection>): ObservedInjection {
  return {
    pod: POD,
    namespaceLabels: {},
    sidecarSets: [LOGS, MESH],
    revisions: [],
    compilePattern,
    ...given,
  };
}

function compared(given: Partial<ObservedInjection>): readonly string[] {
  return compareInjection(input(given)).differences.map(({ kind, about, code }) =>
    `${kind} ${about} ${code}`.trimEnd().padEnd(kind.length + 2),
  );
}

function aPod(): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ namespace: "shop", name: "web-0", labels: { app: "web" }, annotations: {} },
      creationTimestamp: "2026-02-01T00:00:00Z",
    },
    spec: { containers: [{ name: "web", image: "web:1", env: [{ name: "ZONE", value: "a" }] }] },
  };
}

function injected(sidecarSets: readonly SidecarSet[]): Pod {
  const pod = aPod();
  const rest = {
    namespaceLabels: {},
    revisions: [],
    now: 0,
    identity: "web-0",
    requestNamespace: "shop",
    compilePattern,
  };
  const injection = injectPod({ pod, sidecarSets, ...rest });
  if (!injection.ok) throw new Error(injection.error.reason.message);
  const after = applyJsonPatch(pod as unknown as Json, injection.value.patch);
  if (!after.ok) throw new Error(after.error);
  return JSON.parse(JSON.stringify(after.value)) as Pod;
}

function aSet(name: string, spec: JsonObject): SidecarSet {
  const metadata = { name, uid: name, creationTimestamp: "2026-01-01T00:00:00Z" };
  const set = parseSidecarSet({ metadata, spec: { selector: { matchLabels: { app: "web" } }, ...spec } });
  if (!set.ok) throw new Error(JSON.stringify(set.error));
  return withHashes(set.value);
}
