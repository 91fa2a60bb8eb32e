import { describe, expect, it } from "vitest";
import { encodeSorted } from "../kube/goJson.ts";
import type { JsonObject } from "../kube/object.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";
import { restoreRevision, revisionOf } from "./revision.ts";
import type { SidecarSet } from "./sidecarSet.ts";

function aSet(spec: JsonObject, metadata: JsonObject = {}): SidecarSet {
  const result = parseSidecarSet({ kind: "SidecarSet", metadata: { name: "log-agent", uid: "u", ...metadata }, spec });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const template = { containers: [{ name: "sidecar", image: "busybox:1.36" }] };
const first = { revision: 1, collisionCount: 0 };

describe("a revision", () => {
  it("is named after its data, and otherwise after a collision", () => {
    const revision = revisionOf(aSet(template), first);
    expect(encodeSorted(revision.data!)).toBe(
      '{"spec":{"$patch":"replace","containers":[{"image":"busybox:1.36","imagePullPolicy":"IfNotPresent","name":"sidecar","podInjectPolicy":"BeforeAppContainer","resources":{},"shareVolumePolicy":{"type":"disabled"},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","upgradeStrategy":{"upgradeType":"ColdUpgrade"}}],"imagePullSecrets":null,"initContainers":null,"patchPodMetadata":null,"volumes":null}}',
    );
    expect(revision.metadata.name).toBe("log-agent-7f4bb68fcc");
    expect(revisionOf(aSet(template), { ...first, collisionCount: 1 }).metadata.name).toBe("log-agent-7f4bb68fcb");
  });

  it("belongs to its set and carries the set's labels, annotations and custom version", () => {
    const set = aSet({ ...template, customVersion: "v7" }, { labels: { team: "mesh" }, annotations: { note: "n" } });
    expect(revisionOf(set, first).metadata).toMatchObject({
      labels: {
        team: "mesh",
        "controller.kubernetes.io/hash": "7f4bb68fcc",
        "apps.kruise.io/sidecarset-custom-version": "v7",
        "kruise.io/sidecarset-name": "log-agent",
      },
      annotations: { note: "n" },
      ownerReferences: [
        { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", name: "log-agent", uid: "u", controller: true },
      ],
    });
  });

  it("cuts a long set name at 223 bytes, so that the name stays valid", () => {
    const { name } = revisionOf(aSet(template, { name: "a".repeat(253) }), first).metadata;
    expect(name).toBe(`${"a".repeat(223)}-7f4bb68fcc`);
  });

  it("records an empty list as no list", () => {
    const lists = { initContainers: [], volumes: [], imagePullSecrets: [], patchPodMetadata: [] };
    expect(revisionOf(aSet({ ...template, ...lists }), first).data).toEqual(revisionOf(aSet(template), first).data);
    expect(revisionOf(aSet({ containers: [] }), first).data).toEqual(revisionOf(aSet({}), first).data);
  });

  it("does not change with selectors and strategies", () => {
    const other = { ...template, selector: { matchLabels: { a: "b" } }, updateStrategy: { partition: 3 } };
    expect(revisionOf(aSet(other), first).metadata.name).toBe("log-agent-7f4bb68fcc");
  });
});

describe("what the original does not have", () => {
  const patched = (patchPodMetadata: JsonObject[]) => aSet({ ...template, patchPodMetadata });

  it("is recorded where pods would miss it, labels that is, and else nothing moves", () => {
    const annotations = { note: "n" };
    const [plain, without, withLabels] = [
      { annotations },
      { annotations, labels: {} },
      { annotations, labels: { a: "b" } },
    ];
    const data = (entry: JsonObject) => encodeSorted(revisionOf(patched([entry]), first).data!);
    expect(data(without)).toBe(data(plain));
    expect(data(plain)).toContain('"patchPodMetadata":[{"annotations":{"note":"n"},"patchPolicy":"Retain"}]');
    const restored = restoreRevision(aSet(template), revisionOf(patched([withLabels]), first));
    expect(restored.ok && restored.value.spec.patchPodMetadata).toEqual([{ ...withLabels, patchPolicy: "Retain" }]);
  });

  it("stays with the live set as far as pods may override it, by the container's name", () => {
    const [container] = template.containers;
    const live = aSet({ containers: [{ ...container, image: "busybox:2", podOverrides: ["imageTag"] }] });
    const allowing = aSet({ containers: [{ ...container, podOverrides: ["resources"] }] });
    expect(revisionOf(allowing, first).data).toEqual(revisionOf(aSet(template), first).data);
    const restored = restoreRevision(live, revisionOf(allowing, first));
    expect(restored.ok && restored.value.spec.containers).toMatchObject([
      { image: "busybox:1.36", podOverrides: ["imageTag"] },
    ]);
  });
});

describe("restoring a revision", () => {
  const live = aSet({ ...template, selector: { matchLabels: { a: "b" } } }, { annotations: { note: "live" } });
  const old = revisionOf(
    aSet({ containers: [{ name: "sidecar", image: "busybox:1.35" }], volumes: [{ name: "v" }] }),
    first,
  );

  it("gives the recorded template under the live metadata, and nothing else of the spec", () => {
    const restored = restoreRevision(live, old);
    expect(restored).toMatchObject({
      value: {
        name: "log-agent",
        annotations: { note: "live" },
        spec: { selector: undefined, containers: [{ image: "busybox:1.35" }], volumes: [{ name: "v", emptyDir: {} }] },
        status: { latestRevision: old.metadata.name },
      },
    });
  });

  it("takes the recorded hashes, and computes them where none were recorded", () => {
    const hash = "kruise.io/sidecarset-hash";
    const recorded = { ...old, metadata: { ...old.metadata, annotations: { [hash]: "recorded" } } };
    expect(restoreRevision(live, recorded)).toMatchObject({ value: { annotations: { [hash]: "recorded" } } });
    expect(restoreRevision(live, old)).toMatchObject({
      value: { annotations: { [hash]: expect.stringMatching(/^[b-z2-9]{64}$/) } },
    });
  });

  it("refuses data that is no record", () => {
    expect(restoreRevision(live, { ...old, data: { foo: 1 } })).toMatchObject({ ok: false });
    expect(restoreRevision(live, { ...old, data: { spec: { containers: "x" } } })).toEqual({
      ok: false,
      error: 'data.spec.containers: a list is expected, but this is the text "x"',
    });
  });
});
