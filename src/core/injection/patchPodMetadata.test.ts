import { describe, expect, it } from "vitest";
import { aNewPod, anInjection, tryInjection } from "../../../test/anInjection.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { PatchPodMetadata } from "../sidecarSet/sidecarSet.ts";

const aSet = (name: string, ...patchPodMetadata: Partial<PatchPodMetadata>[]) =>
  aSidecarSet({ containers: [{ name, image: `${name}:1` }], patchPodMetadata }, { name });

describe("labels", () => {
  it("are kept by Retain, which is the default, and replaced by Overwrite", () => {
    const labels = { app: "web", tier: "gold" };
    const retaining = aSet("a", { labels: { tier: "none", "team/new": "1" } });
    const overwriting = aSet("b", { labels: { tier: "iron" }, patchPolicy: "Overwrite" });
    const pod = aNewPod({}, { labels });
    expect(anInjection({ pod, sidecarSets: [retaining] }).after.metadata.labels).toEqual({
      ...labels,
      "team/new": "1",
    });
    expect(anInjection({ pod, sidecarSets: [overwriting] }).after.metadata.labels).toEqual({ ...labels, tier: "iron" });
  });

  it("are written key by key, and a pod without any gets the map", () => {
    const set = aSidecarSet({
      selector: {},
      namespaceSelector: { matchLabels: { team: "a" } },
      patchPodMetadata: [{ labels: { "team/new": "1" } }],
    });
    const labelPatch = (pod: ReturnType<typeof aNewPod>) =>
      anInjection({ pod, sidecarSets: [set], namespaceLabels: { team: "a" } }).patch.filter(({ path }) =>
        path.startsWith("/metadata/labels"),
      );
    expect(labelPatch(aNewPod())).toEqual([{ op: "add", path: "/metadata/labels/team~1new", value: "1" }]);
    expect(labelPatch(aNewPod({}, { labels: undefined }))).toEqual([
      { op: "add", path: "/metadata/labels", value: { "team/new": "1" } },
    ]);
  });

  it("that are written can name the container to take variables from", () => {
    const fieldRef = { fieldPath: "metadata.labels['main']" };
    const transferEnv = [{ sourceContainerNameFrom: { fieldRef }, envName: "X" }];
    const set = aSidecarSet({
      containers: [{ name: "logtail", image: "logtail:1", transferEnv }],
      patchPodMetadata: [{ labels: { main: "app" } }],
    });
    const pod = aNewPod({ containers: [{ name: "app", env: [{ name: "X", value: "1" }] }] });
    expect(anInjection({ pod, sidecarSets: [set] }).after.spec.containers[0]?.env).toContainEqual({
      name: "X",
      value: "1",
    });
  });

  it("stay when the pod is admitted a second time", () => {
    const sidecarSets = [aSet("a", { labels: { tier: "iron" }, patchPolicy: "Overwrite" })];
    const { after } = anInjection({ sidecarSets });
    expect(anInjection({ pod: after, sidecarSets }).patch).toEqual([]);
  });
});

describe("AppendUnique", () => {
  const append = (name: string, text: string) =>
    aSet(name, { annotations: { "team/ports": text }, patchPolicy: "AppendUnique" });

  it("joins what several SidecarSets and the pod itself have to say", () => {
    const pod = aNewPod({}, { annotations: { "team/ports": "80, 443" } });
    const { after } = anInjection({ pod, sidecarSets: [append("b", "9090,443"), append("a", "15090")] });
    expect(after.metadata.annotations?.["team/ports"]).toBe("80,443,15090,9090");
  });

  it("refuses the pod where the annotation is no list, naming the entry", () => {
    const pod = aNewPod({}, { annotations: { "team/ports": '{"a":1}' } });
    expect(tryInjection({ pod, sidecarSets: [append("a", "1")] })).toMatchObject({
      ok: false,
      error: { sidecarSet: "a", field: "spec.patchPodMetadata[0].annotations[team/ports]" },
    });
  });
});
