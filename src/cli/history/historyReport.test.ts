import { describe, expect, it } from "vitest";
import { aSidecarSet, aSidecarSetObject } from "../../../test/aSidecarSet.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import { historyReport } from "./historyReport.ts";

describe("the history of rollouts", () => {
  it("numbers a revision that was released again once: the number that it had before is gone", () => {
    const rollout = (revision: string, change: string, result: string) => ({
      revision,
      change,
      result,
      startedAt: "2026-07-01T00:00:00Z",
    });
    const history = [
      rollout("a-1", "2 -> 1", "Promoted"),
      rollout("a-2", "1 -> 2", "RolledBack"),
      rollout("a-1", "1", "Promoted"),
    ];
    const parsed = parseSidecarSet({ ...aSidecarSetObject({}, { name: "a" }), status: { history } });
    const set = parsed.ok ? parsed.value : aSidecarSet();
    const revisions = [revision("a-2", 2), revision("a-1", 3)];
    const { rollouts } = historyReport({ set, revisions, pods: [], now: Date.parse("2026-07-01T01:00:00Z") });
    expect(rollouts.map(({ revision: number, name }) => [number, name])).toEqual([
      [3, "a-1"],
      [2, "a-2"],
      [null, "a-1"],
    ]);
  });
});

function revision(name: string, number: number): ControllerRevision {
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: { name, namespace: "kruise-system", labels: { "kruise.io/sidecarset-name": "a" } },
    revision: number,
  } as ControllerRevision;
}
