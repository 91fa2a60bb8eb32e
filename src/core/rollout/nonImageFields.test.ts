import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import { planRollout } from "./planRollout.ts";

const NOW = Date.parse("2026-06-10T00:00:00Z");
const container = (fields: object) => ({ name: "logtail", image: "logtail:1", ...fields });
const native = (fields: object) => ({ name: "proxy", image: "proxy:1", restartPolicy: "Always", ...fields });

const before = aSidecarSet(
  { containers: [container({ env: [{ name: "A", value: "1" }] })], initContainers: [native({})] },
  { annotations: { "kruise.io/sidecarset-hash": "old", "kruise.io/sidecarset-hash-without-image": "before" } },
);
const after = aSidecarSet({
  containers: [container({ image: "logtail:2", env: [{ name: "A", value: "2" }], args: ["-v"] })],
  initContainers: [native({ env: [{ name: "B" }] })],
});
const recorded = { ...revisionOf(before, { revision: 1, collisionCount: 0 }) };
const revisions = [recorded, revisionOf(after, { revision: 2, collisionCount: 0 })];
const name = recorded.metadata.name!;
const fields = ["containers[logtail].args", "containers[logtail].env[0].value", "initContainers[proxy].env"];

function verdictsOn(pods: Parameters<typeof aPod>[0][], stored: readonly ControllerRevision[] = revisions) {
  const records = pods.map((traits) => aPod({ hashWithoutImage: "before", ...traits }));
  const { verdicts } = planRollout({
    set: after,
    pods: records,
    namespaces: new Map([["default", {}]]),
    revisions: stored,
    now: NOW,
  });
  return [...verdicts.values()];
}

describe("a pod that more than images keep on its revision", () => {
  it("is told the fields, by the names of the containers", () => {
    const [verdict] = verdictsOn([{ revision: name }]);
    expect(verdict).toEqual({ kind: "skip", because: "nonImageChange", revision: name, hash: "old", fields });
  });

  it("is told them by its hash where its record names no revision", () => {
    expect(verdictsOn([{ hash: "old" }])).toEqual([expect.objectContaining({ revision: name, fields })]);
  });

  it("is told none where its revision is gone", () => {
    const [gone] = verdictsOn([{ revision: "logging-gone" }]);
    expect(gone).toEqual({ kind: "skip", because: "nonImageChange", revision: "logging-gone", hash: "old" });
    expect(verdictsOn([{ hash: "unknown" }])[0]).not.toHaveProperty("fields");
    expect(verdictsOn([{ revision: name }], [{ ...recorded, data: { spec: "broken" } }])[0]).not.toHaveProperty(
      "fields",
    );
  });

  it("shares what was compared with all pods of its revision", () => {
    const [one, other] = verdictsOn([
      { name: "web-0", revision: name },
      { name: "web-1", revision: name },
    ]);
    expect(one).toBe(other);
  });

  it.each([
    [
      "another native sidecar",
      { initContainers: [native({}), { ...native({}), name: "more" }] },
      ["initContainers[more]"],
    ],
    ["one that is gone", { containers: [] }, ["containers[logtail]"]],
    ["another order", { initContainers: [native({}), native({ name: "second" })].reverse() }, ["initContainers"]],
  ])("is told of %s", (_, spec, told) => {
    const initContainers = told[0] === "initContainers" ? [native({}), native({ name: "second" })] : [native({})];
    const plain = aSidecarSet({ containers: [container({})], initContainers });
    const set = aSidecarSet({ containers: [container({})], initContainers, ...spec });
    const stored = [revisionOf(plain, { revision: 1, collisionCount: 0 })];
    const { verdicts } = planRollout({
      set,
      pods: [aPod({ revision: stored[0]!.metadata.name!, hashWithoutImage: "before" })],
      namespaces: new Map([["default", {}]]),
      revisions: stored,
      now: NOW,
    });
    expect(verdicts.get("default/web-0")).toMatchObject({ because: "nonImageChange", fields: told });
  });
});
