import { describe, expect, it } from "vitest";
import { aPod, aPodObject, type PodTraits } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { podRecord } from "../pod/podRecord.ts";
import { judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { upgradePatch } from "./upgradePatch.ts";
import { REASON_CODES } from "./verdict.ts";

const allowing = (sidecar: object = {}) =>
  rolloutRules(
    aSidecarSet({
      containers: [{ name: "logtail", image: "registry/logtail:2", podOverrides: ["imageTag"], ...sidecar }],
    }),
  );
const moment = { now: Date.parse("2026-07-01T00:00:00Z"), latestRevision: "logging-2" };
const pinned = (tag: string, traits: PodTraits = {}) =>
  aPod({ ...traits, annotations: { "sidecarset.kruise.io/override.logtail.imageTag": tag, ...traits.annotations } });

function upgradeOf(pod: ReturnType<typeof aPod>, rules = allowing()) {
  const patch = upgradePatch(podFacts(pod, rules), moment);
  if (!patch.ok) throw new Error(JSON.stringify(patch.error));
  return patch.value;
}

describe("a pod that chooses the tag of a sidecar's image", () => {
  it("is upgraded to the set's repository with its own tag", () => {
    expect(upgradeOf(pinned("1.5")).changes).toEqual([
      { container: "logtail", from: "logtail:1", to: "registry/logtail:1.5" },
    ]);
  });

  it("has only its records moved when that leaves the image as it is", () => {
    const { changes, operations } = upgradeOf(pinned("1", { image: "registry/logtail:1" }));
    expect(changes).toEqual([]);
    const writes = operations.filter(({ op }) => op !== "test").map(({ path }) => path);
    expect(writes.every((path) => path.startsWith("/metadata/annotations/"))).toBe(true);
    expect(JSON.stringify(operations)).toContain('\\"hash\\":\\"new\\"');
  });

  it("is then updated and available, with a reason of its own", () => {
    const facts = podFacts(pinned("1", { image: "registry/logtail:1", hash: "new" }), allowing());
    expect(judgePod(facts)).toMatchObject({
      settled: { kind: "skip", because: "imageOverridden", container: "logtail", image: "registry/logtail:1" },
      updated: true,
      available: true,
    });
    expect(REASON_CODES.imageOverridden).toBe("U17");
  });

  it("holds budget until it runs that image", () => {
    const own = {
      logging: {
        hash: "new",
        containers: { logtail: { containerID: "containerd://1", restartCount: 0, generation: 1 } },
      },
    };
    const annotations = { "sidecarset.kruise.io/upgrade-state": JSON.stringify(own) };
    const status = { image: "registry/logtail:1" };
    const pod = pinned("1.5", { image: "registry/logtail:1.5", hash: "new", generation: 2, annotations, status });
    expect(judgePod(podFacts(pod, allowing()))).toMatchObject({ updated: true, available: false });
  });

  it.each([
    ["the set does not let it", "1", { podOverrides: undefined }],
    ["its text is no tag", "a tag", {}],
    ["it is the set's own", "2", {}],
  ])("counts as any other when %s", (_, tag, sidecar) => {
    const rules = allowing(sidecar);
    expect(upgradeOf(pinned(tag), rules).changes).toMatchObject([{ to: "registry/logtail:2" }]);
    const current = pinned(tag, { image: "registry/logtail:2", hash: "new" });
    expect(judgePod(podFacts(current, rules)).settled).toMatchObject({ because: "upToDate" });
  });

  it("is not restarted for its choice before the set changes", () => {
    const current = podFacts(pinned("1.5", { image: "registry/logtail:2", hash: "new" }), allowing());
    expect(judgePod(current).settled).toMatchObject({ because: "upToDate" });
  });

  it("keeps the working half of a hot-upgrade pair", () => {
    const pod = aPodObject({ annotations: { "sidecarset.kruise.io/override.logtail.imageTag": "1" } });
    const [, app] = pod.spec.containers;
    const containers = [
      { name: "logtail-1", image: "registry/logtail:1" },
      { name: "logtail-2", image: "empty:1" },
      app!,
    ];
    const annotations = {
      ...pod.metadata.annotations,
      "kruise.io/sidecarset-working-hotupgrade-container": '{"logtail":"logtail-1"}',
    };
    const paired = { ...pod, metadata: { ...pod.metadata, annotations }, spec: { ...pod.spec, containers } };
    const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" };
    expect(upgradeOf(podRecord(paired), allowing({ upgradeStrategy })).changes).toEqual([]);
  });
});

describe("an upgrade with patchPodMetadata", () => {
  const patching = rolloutRules(
    aSidecarSet({
      patchPodMetadata: [
        { labels: { tier: "iron", "team/new": "1" }, patchPolicy: "Overwrite" },
        { annotations: { ports: "80,90" }, patchPolicy: "AppendUnique" },
      ],
    }),
  );

  it("writes labels over what it has read, and nothing that is there already", () => {
    const { operations } = upgradeOf(aPod({ labels: { tier: "gold", "team/new": "1" } }), patching);
    expect(operations.filter(({ path }) => path.startsWith("/metadata/labels"))).toEqual([
      { op: "test", path: "/metadata/labels/tier", value: "gold" },
      { op: "replace", path: "/metadata/labels/tier", value: "iron" },
    ]);
  });

  it("gives a pod without labels its map, if nobody else has written the pod meanwhile", () => {
    const { operations } = upgradeOf({ ...aPod(), labels: {} }, patching);
    expect(operations.slice(-2)).toEqual([
      { op: "test", path: "/metadata/resourceVersion", value: "10" },
      { op: "add", path: "/metadata/labels", value: { tier: "iron", "team/new": "1" } },
    ]);
  });

  it("appends to a list", () => {
    const { operations } = upgradeOf(aPod({ annotations: { ports: "80, 443" } }), patching);
    expect(operations).toContainEqual({ op: "replace", path: "/metadata/annotations/ports", value: "80,443,90" });
  });
});
