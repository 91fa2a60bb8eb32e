import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { ControllerRevision, ObjectMeta } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { type ChosenRevision, chooseRevision } from "./chooseRevision.ts";
import type { PodOfSplit } from "./isKept.ts";

const POD = aCandidate("web-0");

describe("which revision a pod gets", () => {
  it.each([
    ["latest", "no pin at all", {}],
    ["latest", "a strategy without a pin", { injectionStrategy: { revision: {} } }],
    ["pinned", "policy Always", pin("Always")],
    ["pinned", "no policy", pin(undefined)],
    [
      "pinned",
      "policy Always and a selector that the pod matches",
      { ...pin("Always"), updateStrategy: selecting("true") },
    ],
    ["latest", "policy Partial and the default partition", pin("Partial")],
    ["pinned", "policy Partial and a paused update", { ...pin("Partial"), updateStrategy: { paused: true } }],
    [
      "pinned",
      "policy Partial, outside the update selector",
      { ...pin("Partial"), updateStrategy: selecting("false") },
    ],
    ["latest", "policy Partial, inside the update selector", { ...pin("Partial"), updateStrategy: selecting("true") }],
    ["pinned", "policy Partial and 100%", { ...pin("Partial"), updateStrategy: { partition: "100%" } }],
    ["latest", "policy Partial and 0%", { ...pin("Partial"), updateStrategy: { partition: "0%" } }],
  ])("%s with %s", (which, _, spec) => {
    expect(imageOf(chosen(aSidecarSet(spec), POD))).toBe(which === "pinned" ? "logtail:0" : "logtail:2");
  });

  it("is named after the template when the status still names that of an older one", () => {
    const set = aSidecarSet({}, { generation: 2 });
    const recorded = revisionOf(set, { revision: 7, collisionCount: 0 }).metadata.name!;
    const told = (observedGeneration: number | undefined) =>
      chosen({ ...set, status: { ...set.status, observedGeneration, latestRevision: "before" } }, POD)
        .controllerRevision;
    expect(told(1)).toBe(recorded);
    expect(told(2)).toBe("before");
    expect(told(undefined)).toBe("before");
  });

  it("a partition that is no percentage refuses the pod under policy Partial", () => {
    const set = aSidecarSet({ ...pin("Partial"), updateStrategy: { partition: "half" } });
    const refused = chooseRevision(set, [revision("logtail:0", 1)], POD);
    expect(refused).toMatchObject({ ok: false, error: { field: "spec.updateStrategy.partition" } });
  });

  it("an update selector that cannot be read refuses the pod under policy Partial", () => {
    const selector = { matchExpressions: [{ key: "canary", operator: "Is" }] };
    const set = aSidecarSet({ ...pin("Partial"), updateStrategy: { selector } });
    const refused = chooseRevision(set, [revision("logtail:0", 1)], POD);
    expect(refused).toMatchObject({ ok: false, error: { field: "spec.updateStrategy.selector" } });
  });

  it("a percentage splits the pods of a workload", () => {
    const set = aSidecarSet({ ...pin("Partial"), updateStrategy: { partition: "30%" } });
    const pods = Array.from({ length: 1_000 }, (_, index) => aCandidate(`web-${index}`));
    const pinned = pods.filter((pod) => isOlder(chosen(set, pod)));
    expect(Math.abs(pinned.length / pods.length - 0.3)).toBeLessThan(0.04);
  });
});

describe("policy Partial and a partition in pods", () => {
  it.each([
    ["none of them is kept while no pod is matched", 0, 0],
    ["it is their share of the matched pods", 20, 25],
    ["all are kept when no more are matched", 5, 100],
  ])("%s", (_, matchedPods, kept) => {
    const set = withStatus(aSidecarSet({ ...pin("Partial"), updateStrategy: { partition: 5 } }), { matchedPods });
    const pods = Array.from({ length: 100 }, (_each, ordinal) => aMember("StatefulSet", "db", `db-${ordinal}`));
    expect(pods.filter((pod) => isOlder(chosen(set, pod)))).toHaveLength(kept);
  });
});

describe("policy FollowPartition", () => {
  const stored = [revision("logtail:0", 1), revision("logtail:1", 2), revision("logtail:2", 3)];

  it.each([
    ["the newest without a partition", {}, "logtail:2"],
    ["the newest with 0%", { partition: "0%" }, "logtail:2"],
    ["the older one with 100%", { partition: "100%" }, "logtail:1"],
    ["the older one while the update is paused", { paused: true }, "logtail:1"],
    ["the older one outside the update selector", selecting("false"), "logtail:1"],
    ["the newest inside the update selector", selecting("true"), "logtail:2"],
    ["the older one inside the update selector with 100%", { ...selecting("true"), partition: "100%" }, "logtail:1"],
  ])("gives %s", (_, updateStrategy, image) => {
    expect(imageOf(chosen(following(updateStrategy), POD, stored))).toBe(image);
  });

  it("the older one is what most pods of the set carry", () => {
    const carried = {
      ofOwner: () => new Map(),
      ofAll: () =>
        new Map([
          ["hash of logtail:0", 2],
          ["hash of logtail:1", 1],
          ["new", 9],
        ]),
    };
    expect(imageOf(chosen(following({ paused: true }), { ...POD, carried }, stored))).toBe("logtail:0");
  });

  it("the older one is what is pinned, if anything is", () => {
    const set = aSidecarSet({
      injectionStrategy: { revision: { policy: "FollowPartition", revisionName: stored[0]?.metadata.name } },
      updateStrategy: { paused: true },
    });
    expect(imageOf(chosen(set, POD, stored))).toBe("logtail:0");
  });

  it.each([
    ["none is stored", []],
    ["only the newest is stored", stored.slice(2)],
    ["none can be read", [{ ...stored[0]!, data: null }]],
    ["all are another set's", [revisionOf(aSidecarSet({}, { name: "other" }), { revision: 1, collisionCount: 0 })]],
  ])("gives the newest, and says so, when %s", (_, known) => {
    expect(chosen(following({ paused: true }), POD, known)).toMatchObject({
      hash: "new",
      otherRevision: { code: "I08", message: expect.stringContaining("no other one is stored: the update is paused") },
    });
  });

  it("a partition that is no percentage refuses the pod", () => {
    const refused = chooseRevision(following({ partition: "half" }), stored, POD);
    expect(refused).toMatchObject({ ok: false, error: { field: "spec.updateStrategy.partition" } });
  });

  it("gives a pod that the webhook is asked about again what it has", () => {
    const older = injected(chosen(following({ paused: true }), POD, stored));
    const newest = injected(chosen(following({}), POD, stored));
    expect(imageOf(chosen(following({ partition: "0%" }), { ...POD, pod: older }, stored))).toBe("logtail:1");
    expect(imageOf(chosen(following({ partition: "100%" }), { ...POD, pod: newest }, stored))).toBe("logtail:2");
  });

  it("pods without controller are divided by their names", () => {
    const pods = Array.from({ length: 1_000 }, (_, index) => aCandidate(`web-${index}`));
    const kept = pods.filter((pod) => isOlder(chosen(following({ partition: "30%" }), pod, stored)));
    expect(Math.abs(kept.length / pods.length - 0.3)).toBeLessThan(0.04);
    expect(pods.filter((pod) => isOlder(chosen(following({ partition: "30%" }), pod, stored)))).toEqual(kept);
  });

  it("says for which workload a pod counts, unless its place in it decides", () => {
    const choose = (pod: PodOfSplit) => chosen(following({ partition: "30%" }), pod, stored).countsFor;
    expect(choose(aMember("ReplicaSet", "web", "web-x7k2p"))).toBe("uid of web");
    expect(choose(aMember("StatefulSet", "db", "db-3"))).toBeUndefined();
    expect(choose(POD)).toBeUndefined();
  });
});

describe("a pin by custom version", () => {
  it("takes the newest of several revisions with that version", () => {
    const set = aSidecarSet({ injectionStrategy: { revision: { customVersion: "one" } } });
    const known = [revision("logtail:1", 3), revision("logtail:9", 7), revision("logtail:5", 5)];
    expect(imageOf(chosen(set, POD, known))).toBe("logtail:9");
  });

  it("records the revision's own hashes and name", () => {
    const set = aSidecarSet({ injectionStrategy: { revision: { customVersion: "one" } } });
    const stored = revision("logtail:0", 1);
    expect(chosen(set, POD, [stored])).toMatchObject({
      hash: "hash of logtail:0",
      hashWithoutImage: "same",
      controllerRevision: stored.metadata.name,
    });
  });
});

function aCandidate(name: string, metadata: Partial<ObjectMeta> = {}) {
  const labels = { app: "web", canary: "true" };
  const spec = { containers: [{ name: "app", image: "app:1" }] };
  const pod: Pod = { apiVersion: "v1", kind: "Pod", metadata: { name, labels, ...metadata }, spec };
  return { pod, identity: `default/${name}` };
}

function aMember(kind: string, owner: string, name: string): PodOfSplit {
  const reference = { apiVersion: "apps/v1", kind, name: owner, uid: `uid of ${owner}`, controller: true };
  return aCandidate(name, { ownerReferences: [reference] });
}

function following(updateStrategy: Record<string, unknown>): SidecarSet {
  return aSidecarSet({ injectionStrategy: { revision: { policy: "FollowPartition" } }, updateStrategy });
}

function withStatus(set: SidecarSet, status: Partial<SidecarSet["status"]>): SidecarSet {
  return { ...set, status: { ...set.status, ...status } };
}

/** The pod as it stands after the injection of that revision. */
function injected({ set, hash }: ChosenRevision): Pod {
  const [sidecar] = set.spec.containers!;
  const record = { updateTimestamp: null, hash, sidecarSetName: set.name, sidecarList: ["logtail"] };
  return {
    ...POD.pod,
    metadata: { ...POD.pod.metadata, annotations: { [HASH_ANNOTATION]: JSON.stringify({ [set.name]: record }) } },
    spec: { containers: [{ ...sidecar!, env: [{ name: "IS_INJECTED", value: "true" }] }] },
  };
}

function pin(policy: string | undefined) {
  return { injectionStrategy: { revision: { customVersion: "one", ...(policy && { policy }) } } };
}

function selecting(canary: string) {
  return { selector: { matchLabels: { canary } } };
}

/** Its hash tells its image; that of `logtail:2` is the newest, see aSidecarSet. */
function revision(image: string, number: number): ControllerRevision {
  const hash = image === "logtail:2" ? "new" : `hash of ${image}`;
  const annotations = { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: "same" };
  const set = aSidecarSet({ containers: [{ name: "logtail", image }], customVersion: "one" }, { annotations });
  return revisionOf(set, { revision: number, collisionCount: 0 });
}

function chosen(set: SidecarSet, pod: PodOfSplit, known = [revision("logtail:0", 1)]): ChosenRevision {
  const result = chooseRevision(set, known, pod);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function isOlder({ hash }: ChosenRevision): boolean {
  return hash !== "new";
}

function imageOf({ set }: ChosenRevision): string | undefined {
  return set.spec.containers?.[0]?.image;
}
