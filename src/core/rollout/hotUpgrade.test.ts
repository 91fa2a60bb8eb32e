import { describe, expect, it } from "vitest";
import { aPodObject } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { Pod } from "../kube/pod.ts";
import { podRecord } from "../pod/podRecord.ts";
import { type PodFacts, pairsToFlip, podFacts } from "./podFacts.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { flipPatch, upgradePatch } from "./upgradePatch.ts";

const EMPTY = "empty:1";
const NOW = Date.parse("2026-06-10T00:00:00Z");

interface Twin {
  readonly image: string;
  readonly ready?: boolean;
}

/** A pod with the pair `mesh-1`, `mesh-2` of the set `logging`. */
function facts(
  first: Twin,
  second: Twin,
  working: string,
  options: { wants?: string; empty?: string; same?: boolean } = {},
): PodFacts {
  const pod = aPodObject({
    hashWithoutImage: options.same === false ? "other" : "same",
    annotations: {
      "kruise.io/sidecarset-working-hotupgrade-container": JSON.stringify({ mesh: working }),
      "version.sidecarset.kruise.io/mesh-1": "1",
    },
  });
  const twins = [
    { name: "mesh-1", ...first },
    { name: "mesh-2", ...second },
  ];
  const whole: Pod = {
    ...pod,
    spec: { ...pod.spec, containers: twins.map(({ name, image }) => ({ name, image })) },
    status: {
      ...pod.status,
      containerStatuses: twins.map(({ name, image, ready = true }) => ({ name, image, imageID: `id-${image}`, ready })),
    },
  };
  const upgradeStrategy = { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: options.empty ?? EMPTY };
  const containers = [{ name: "mesh", image: options.wants ?? "mesh:2", upgradeStrategy }];
  return podFacts(podRecord(whole), rolloutRules(aSidecarSet({ containers })));
}

function changes(of: PodFacts) {
  const patch = upgradePatch(of, { now: NOW, latestRevision: "r2" });
  if (!patch.ok) throw new Error(patch.error.problem);
  return patch.value.changes.map(({ container, to }) => `${container}=${to}`);
}

describe("a hot upgrade", () => {
  it("goes into the empty container", () => {
    expect(changes(facts({ image: "mesh:1" }, { image: EMPTY }, "mesh-1"))).toEqual(["mesh-2=mesh:2"]);
    expect(changes(facts({ image: EMPTY }, { image: "mesh:1" }, "mesh-2"))).toEqual(["mesh-1=mesh:2"]);
  });

  it("goes into the container that does not serve when neither is empty", () => {
    const broken = { image: "mesh:broken", ready: false };
    expect(changes(facts({ image: "mesh:1" }, broken, "mesh-2"))).toEqual(["mesh-2=mesh:2"]);
  });

  it("goes into the one that is not the working one when both serve or neither does", () => {
    expect(changes(facts({ image: "mesh:1" }, { image: "mesh:3" }, "mesh-2"))).toEqual(["mesh-1=mesh:2"]);
    const [first, second] = [
      { image: "mesh:1", ready: false },
      { image: "mesh:3", ready: false },
    ];
    expect(changes(facts(first, second, "mesh-2"))).toEqual(["mesh-1=mesh:2"]);
  });

  it("changes nothing when the other container has the image already", () => {
    expect(changes(facts({ image: "mesh:2" }, { image: EMPTY }, "mesh-1"))).toEqual([]);
  });

  it("points back where a rollback finds its image in the other container, and the flip empties the one that was to follow", () => {
    const onTheWay = facts({ image: "mesh:2" }, { image: "mesh:broken", ready: false }, "mesh-2");
    const patch = upgradePatch(onTheWay, { now: NOW, latestRevision: "r1" });
    const { changes: images, operations } = patch.ok ? patch.value : { changes: [], operations: [] };
    expect(images).toEqual([]);
    expect(operations).toContainEqual({
      op: "replace",
      path: "/metadata/annotations/kruise.io~1sidecarset-working-hotupgrade-container",
      value: '{"mesh":"mesh-1"}',
    });
    const back = facts({ image: "mesh:2" }, { image: "mesh:broken", ready: false }, "mesh-1");
    expect(pairsToFlip(back).map(({ idle }) => idle.name)).toEqual(["mesh-2"]);
  });

  it("moves the pointer and the versions with the image", () => {
    const patch = upgradePatch(facts({ image: "mesh:1" }, { image: EMPTY }, "mesh-1"), {
      now: NOW,
      latestRevision: "r2",
    });
    const written = patch.ok ? patch.value.operations : [];
    const writtenTo = (key: string) =>
      written.flatMap((one) => (one.op !== "test" && "value" in one && one.path.endsWith(key) ? [one.value] : []));
    expect(writtenTo("working-hotupgrade-container")).toEqual(['{"mesh":"mesh-2"}']);
    expect(writtenTo("version.sidecarset.kruise.io~1mesh-2")).toEqual(["100"]);
    expect(writtenTo("versionalt.sidecarset.kruise.io~1mesh-2")).toEqual(["1"]);
    expect(writtenTo("versionalt.sidecarset.kruise.io~1mesh-1")).toEqual(["100"]);
  });
});

describe("the flip", () => {
  const flips = (of: PodFacts) => pairsToFlip(of).map(({ idle }) => idle.name);

  it("comes when the new container serves", () => {
    const due = facts({ image: "mesh:1" }, { image: "mesh:2" }, "mesh-2");
    expect(flips(due)).toEqual(["mesh-1"]);
    expect(flipPatch(due, NOW).changes).toEqual([{ container: "mesh-1", from: "mesh:1", to: EMPTY }]);
  });

  it("does not wait for other containers of the pod, only for the new one", () => {
    const pod = facts({ image: "mesh:1" }, { image: "mesh:2" }, "mesh-2");
    const app = { ...pod.pod.containers[0]!, name: "app", status: { ...pod.pod.containers[0]!.status!, ready: false } };
    const unready = { ...pod.pod, ready: false, containers: [...pod.pod.containers, app], reportedContainers: 3 };
    expect(flips({ ...pod, pod: unready })).toEqual(["mesh-1"]);
    expect(flips(facts({ image: "mesh:1" }, { image: "mesh:2", ready: false }, "mesh-2"))).toEqual([]);
  });

  it("is over when the idle container is empty", () => {
    expect(flips(facts({ image: EMPTY }, { image: "mesh:2" }, "mesh-2"))).toEqual([]);
  });

  it("does not follow an edit of the empty image", () => {
    expect(flips(facts({ image: "mesh:1" }, { image: EMPTY }, "mesh-1", { empty: "empty:2", same: false }))).toEqual(
      [],
    );
  });
});
