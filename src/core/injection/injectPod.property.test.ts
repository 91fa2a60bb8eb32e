import fc from "fast-check";
import fastJsonPatch from "fast-json-patch";
import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { applyJsonPatch } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import { ok } from "../result.ts";
import type { InjectionInput } from "./injection.ts";
import { injectPod } from "./injectPod.ts";

const NAMES = ["a", "b", "c", "d"];
const name = fc.constantFrom(...NAMES);
const env = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("X", "Y", "IS_INJECTED"), value: fc.constantFrom("1", "true") }),
  {
    selector: (variable) => variable.name,
  },
);
const mounts = fc.uniqueArray(
  fc.record({
    name,
    mountPath: fc.constantFrom("/1", "/2", "/3"),
    subPathExpr: fc.constantFrom("", "$(X)/log", "$(Y)$(Z)"),
  }),
  { selector: (mount) => mount.mountPath },
);
const container = (prefix: string) =>
  fc.record({
    name: name.map((text) => prefix + text),
    image: fc.constantFrom("i:1", "i:2"),
    env,
    volumeMounts: mounts,
  });
const sidecar = (prefix: string) =>
  fc
    .tuple(
      container(prefix),
      fc.record({
        podInjectPolicy: fc.constantFrom("BeforeAppContainer", "AfterAppContainer"),
        shareVolumePolicy: fc.record({ type: fc.constantFrom("enabled", "disabled") }),
        upgradeStrategy: fc.constantFrom(
          { upgradeType: "ColdUpgrade" },
          { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "e:1" },
        ),
        transferEnv: fc.constantFrom(
          [],
          [{ sourceContainerName: "app-a", envNames: ["X", "Y"] }],
          [{ sourceContainerName: "side-b", envName: "X" }],
        ),
      }),
    )
    .map(([core, own]) => ({ ...core, ...own }));
const list = <T extends { readonly name: string }>(item: fc.Arbitrary<T>, minLength = 0) =>
  fc.uniqueArray(item, { minLength, maxLength: 3, selector: (each) => each.name });
const volumes = list(fc.record({ name, emptyDir: fc.constantFrom({}, { medium: "Memory" }) }));

const sidecarSet = fc
  .record({
    // A set without any container is refused at admission; it leaves no record by which a second call could know it.
    containers: list(sidecar("side-"), 1),
    initContainers: list(sidecar("init-")),
    volumes,
    imagePullSecrets: fc.array(fc.record({ name }), { maxLength: 2 }),
    patchPodMetadata: fc.array(
      fc.record({
        annotations: fc.dictionary(
          fc.constantFrom("x", "y"),
          fc.constantFrom('{"k":null}', '{"k":[1],"l":{"m":null}}'),
          { minKeys: 1 },
        ),
        patchPolicy: fc.constantFrom("Retain", "Overwrite", "MergePatchJson"),
      }),
      { maxLength: 1 },
    ),
  })
  .chain((spec) => name.map((setName) => aSidecarSet(spec, { name: setName })));

const pod = fc
  .record({
    containers: list(container("app-"), 1),
    initContainers: fc.option(list(container("own-")), { nil: undefined }),
    volumes: fc.option(volumes, { nil: undefined }),
    imagePullSecrets: fc.option(fc.array(fc.record({ name }), { maxLength: 3 }), { nil: undefined }),
  })
  .chain((spec) =>
    fc.constantFrom(undefined, {}, { x: '{"k":1,"z":0}' }).map((annotations): Pod => {
      const metadata = { name: "web-0", labels: { app: "web" }, ...(annotations && { annotations }) };
      return JSON.parse(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec }));
    }),
  );

const input = fc
  .record({ pod, sidecarSets: fc.uniqueArray(sidecarSet, { maxLength: 3, selector: (set) => set.name }) })
  .map(
    (fields): InjectionInput => ({
      ...fields,
      requestNamespace: "default",
      namespaceLabels: {},
      revisions: [],
      now: 0,
      identity: "web-0",
      compilePattern: () => ok(() => true),
    }),
  );

describe("whatever the pod and the SidecarSets", () => {
  it("injecting again changes nothing, and the pod's own containers stay as they were, in their order", () => {
    fc.assert(
      fc.property(input, (given) => {
        const first = injectPod(given);
        if (!first.ok) return;
        const result = applyJsonPatch(given.pod as unknown as Json, first.value.patch);
        if (!result.ok) throw new Error(result.error);
        const after = result.value as unknown as Pod;
        expect(after.spec.containers.filter(({ name: own }) => own.startsWith("app-"))).toEqual(
          given.pod.spec.containers,
        );
        expect((after.spec.initContainers ?? []).filter(({ name: own }) => own.startsWith("own-"))).toEqual(
          given.pod.spec.initContainers ?? [],
        );
        const again = injectPod({ ...given, pod: after, now: 3_600_000 });
        expect(again.ok && again.value.patch).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("the patch means the same to another library", () => {
    fc.assert(
      fc.property(input, (given) => {
        const injection = injectPod(given);
        if (!injection.ok) return;
        const ours = applyJsonPatch(given.pod as unknown as Json, injection.value.patch);
        const operations = structuredClone(injection.value.patch) as never;
        const theirs = fastJsonPatch.applyPatch(structuredClone(given.pod), operations, true).newDocument;
        expect(ours).toEqual({ ok: true, value: theirs });
      }),
      { numRuns: 200 },
    );
  });
});
