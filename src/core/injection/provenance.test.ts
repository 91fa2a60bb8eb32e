import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { applyJsonPatch } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import { ok } from "../result.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Addition } from "./addition.ts";
import { injectPod } from "./injectPod.ts";
import { provenance } from "./provenance.ts";

describe("every line that an injection adds tells where it is from", () => {
  it("a container: its place and why there", () => {
    const set = aSidecarSet({
      containers: [{ name: "front" }, { name: "back", podInjectPolicy: "AfterAppContainer" }],
      initContainers: [{ name: "native", restartPolicy: "Always" }],
    });
    expect(told(set).filter(({ kind }) => /container/i.test(kind))).toEqual([
      expect.objectContaining({
        kind: "initContainer",
        path: "spec.initContainers[0]",
        field: "spec.initContainers[0]",
        because: "AfterAppContainer, native sidecar",
      }),
      expect.objectContaining({ path: "spec.containers[0]", name: "front", because: "BeforeAppContainer" }),
      expect.objectContaining({ path: "spec.containers[2]", name: "back", because: "AfterAppContainer" }),
    ]);
  });

  it("variables: own, our marker, taken over, needed by a path, made for a hot upgrade", () => {
    const set = aSidecarSet({
      containers: [
        {
          name: "log",
          image: "log:1",
          env: [{ name: "OWN", value: "1" }],
          shareVolumePolicy: { type: "enabled" },
          transferEnv: [{ sourceContainerName: "app", envName: "TZ" }],
          upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" },
        },
      ],
    });
    const first = told(set).filter(({ path }) => path.startsWith("spec.containers[0].env"));
    expect(first.map(({ name, field, because }) => [name, field, because])).toEqual([
      ["OWN", "spec.containers[0].env[0]", ""],
      ["IS_INJECTED", "spec.containers[0]", "marks injected containers"],
      ["TZ", "spec.containers[0].transferEnv[0]", "from container app"],
      ["POD", "spec.containers[0].shareVolumePolicy", "from container app, needed by the subPathExpr of /var/log/app"],
      ["SIDECARSET_VERSION", "spec.containers[0].upgradeStrategy", "tells the hot-upgrade version"],
      ["SIDECARSET_VERSION_ALT", "spec.containers[0].upgradeStrategy", "tells the hot-upgrade version"],
    ]);
    expect(because(told(set), "container")).toEqual([
      "BeforeAppContainer, working half of a hot-upgrade pair",
      "BeforeAppContainer, idle half of a hot-upgrade pair",
    ]);
  });

  it("mounts and devices: own, or shared by the policy from a container", () => {
    const set = aSidecarSet({
      containers: [
        {
          name: "log",
          volumeMounts: [{ name: "buffer", mountPath: "/buffer" }],
          shareVolumePolicy: { type: "enabled" },
          shareVolumeDevicePolicy: { type: "enabled" },
        },
      ],
      volumes: [{ name: "buffer", emptyDir: {} }],
    });
    const mounted = told(set).filter(({ kind }) => kind.startsWith("volume"));
    expect(mounted.map(({ name, field, because }) => [name, field, because])).toEqual([
      ["/buffer", "spec.containers[0].volumeMounts[0]", ""],
      ["/var/log/app", "spec.containers[0].shareVolumePolicy", "from container app"],
      ["/dev/x", "spec.containers[0].shareVolumeDevicePolicy", "from container app"],
      ["buffer", "spec.volumes[0]", ""],
    ]);
  });

  it("computed resources: the expressions and the amounts they saw", () => {
    const set = aSidecarSet({
      containers: [
        {
          name: "log",
          resourcesPolicy: {
            targetContainersMode: "sum",
            targetContainersNameRegex: ".*",
            resourcesExpr: { requests: { cpu: "cpu*50%" }, limits: { cpu: "cpu*50%" } },
          },
        },
      ],
    });
    expect(told(set).filter(({ kind }) => kind === "resources")).toEqual([
      {
        change: "added",
        kind: "resources",
        path: "spec.containers[0].resources.requests.cpu",
        name: "requests.cpu",
        value: "100m",
        sidecarSet: "logging",
        field: "spec.containers[0].resourcesPolicy",
        because: "cpu*50% where cpu is 200m, the sum of app",
      },
    ]);
  });

  it("what annotations of the pod have otherwise, where podOverrides lets them", () => {
    const resources = { requests: { cpu: "10m", memory: "10Mi", "example.com/gpu": 1 } };
    const podOverrides = ["imageTag", "resources", "env:LEVEL"];
    const set = aSidecarSet({ containers: [{ name: "log", image: "log:1", resources, podOverrides }] });
    const overrides = {
      "sidecarset.kruise.io/override.log.imageTag": "2",
      "sidecarset.kruise.io/override.log.env.LEVEL": "debug",
      "sidecarset.kruise.io/override.log.resources": '{"requests":{"cpu":"20m"}}',
    };
    const pod = aPod();
    const additions = provenanceOf({ ...pod, metadata: { ...pod.metadata, annotations: overrides } }, [set]);
    const of = (...kinds: string[]) => additions.filter(({ kind }) => kinds.includes(kind));
    expect(of("container")).toMatchObject([
      {
        value: "log:2",
        because: "BeforeAppContainer, image tag by annotation sidecarset.kruise.io/override.log.imageTag",
      },
    ]);
    expect(of("resources", "env").map(({ name, field, because }) => [name, field, because])).toEqual([
      ["requests.cpu", "spec.containers[0].podOverrides", "by annotation sidecarset.kruise.io/override.log.resources"],
      ["requests.memory", "spec.containers[0].resources.requests.memory", ""],
      ["requests.example.com/gpu", "spec.containers[0].resources.requests.example.com/gpu", ""],
      ["LEVEL", "spec.containers[0].podOverrides", "by annotation sidecarset.kruise.io/override.log.env.LEVEL"],
      ["IS_INJECTED", "spec.containers[0]", "marks injected containers"],
    ]);
  });

  it("volumes that the pod has already are told as kept", () => {
    const containers = [{ name: "log", volumeMounts: [{ name: "data", mountPath: "/d" }] }];
    expect(told(aSidecarSet({ containers, volumes: [{ name: "data", hostPath: {} }] }))).toContainEqual({
      change: "kept",
      kind: "volume",
      path: "spec.volumes[0]",
      name: "data",
      value: "hostPath",
      sidecarSet: "logging",
      field: "spec.volumes[0]",
      because: "not taken: the pod has a volume of this name",
    });
  });

  it("metadata: the entries of patchPodMetadata that wrote it, the last one first, or our record", () => {
    const sets = [
      aSidecarSet({ patchPodMetadata: [{ patchPolicy: "Overwrite", annotations: { merged: '{"a":1}', old: "new" } }] }),
      aSidecarSet(
        {
          containers: [{ name: "other" }],
          patchPodMetadata: [
            { patchPolicy: "Retain", annotations: { old: "newer" } },
            { patchPolicy: "MergePatchJson", annotations: { merged: '{"b":2}' } },
          ],
        },
        { name: "zother" },
      ),
    ];
    const annotations = told(...sets).filter(({ kind }) => kind === "annotation");
    expect(annotations.find(({ name }) => name === "merged")).toMatchObject({
      sidecarSet: "zother",
      field: "spec.patchPodMetadata[1]",
      because: "MergePatchJson, after logging spec.patchPodMetadata[0] (Overwrite)",
    });
    expect(annotations.find(({ name }) => name === "old")).toMatchObject({ change: "replaced", because: "Overwrite" });
    expect(annotations.find(({ name }) => name === "kruise.io/sidecarset-hash")).toMatchObject({
      sidecarSet: undefined,
      because: "our record: revisions in the pod",
    });
  });

  it("secrets, by the set that brings them first", () => {
    const set = aSidecarSet({ imagePullSecrets: [{ name: "had" }, { name: "registry" }] });
    expect(told(set).filter(({ kind }) => kind === "imagePullSecret")).toMatchObject([
      { path: "spec.imagePullSecrets[1]", name: "registry", field: "spec.imagePullSecrets[1]" },
    ]);
  });

  it("a container that is rebuilt, as replaced; a pod that carries everything, nothing at all", () => {
    const once = injected(aPod(), [aSidecarSet()]).after;
    expect(provenanceOf(once, [aSidecarSet()])).toEqual([]);
    const changed = { containers: [{ name: "logtail", image: "logtail:3" }] };
    const newer = aSidecarSet(changed, { annotations: { "kruise.io/sidecarset-hash": "newer" } });
    expect(provenanceOf(once, [newer])).toContainEqual(
      expect.objectContaining({ kind: "container", change: "replaced", because: "rebuilt where it was" }),
    );
  });
});

function told(...sets: readonly SidecarSet[]): readonly Addition[] {
  return provenanceOf(aPod(), sets);
}

function because(additions: readonly Addition[], kind: Addition["kind"]): readonly string[] {
  return additions.filter((addition) => addition.kind === kind).map((addition) => addition.because);
}

function provenanceOf(pod: Pod, sets: readonly SidecarSet[]): readonly Addition[] {
  const { injection, after } = injected(pod, sets);
  return provenance(pod, after, injection);
}

function injected(pod: Pod, sidecarSets: readonly SidecarSet[]) {
  const injection = injectPod({
    pod,
    sidecarSets,
    requestNamespace: "shop",
    namespaceLabels: {},
    revisions: [],
    now: 0,
    identity: "web-0",
    compilePattern: (text) => ok((name) => new RegExp(text).test(name)),
  });
  if (!injection.ok) throw new Error(JSON.stringify(injection.error));
  const after = applyJsonPatch(pod as unknown as Json, injection.value.patch);
  if (!after.ok) throw new Error(after.error);
  return { injection: injection.value, after: after.value as unknown as Pod };
}

function aPod(): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", labels: { app: "web" }, annotations: { old: "old" } },
    spec: {
      imagePullSecrets: [{ name: "had" }],
      volumes: [{ name: "data", emptyDir: {} }],
      containers: [
        {
          name: "app",
          image: "app:1",
          env: [
            { name: "TZ", value: "UTC" },
            { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          ],
          volumeMounts: [{ name: "data", mountPath: "/var/log/app", subPathExpr: "$(POD)/log" }],
          volumeDevices: [{ name: "block", devicePath: "/dev/x" }],
          resources: { requests: { cpu: "200m" } },
        },
      ],
    },
  };
}
