import { describe, expect, it } from "vitest";
import { aPod } from "../../test/aPod.ts";
import { aSidecarSet } from "../../test/aSidecarSet.ts";
import type { Namespace } from "../core/kube/object.ts";
import { planRollout } from "../core/rollout/planRollout.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { gatherSnapshot, type RolloutCopies } from "./gatherSnapshot.ts";
import type { LocalCopy } from "./localCopy.ts";

function aCopy<T>(objects: Readonly<Record<string, T>>): LocalCopy<T> {
  return {
    hasSynced: () => true,
    synced: Promise.resolve(),
    get: ({ name }) => objects[name],
    values: () => Object.values(objects),
    subscribe: () => () => {},
  };
}

const namespace: Namespace = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "default", labels: { team: "a" } },
};
const copies: RolloutCopies = {
  sidecarSets: aCopy<SidecarSet | undefined>({
    logging: aSidecarSet({ namespaceSelector: { matchLabels: { team: "a" } } }),
    broken: undefined,
  }),
  pods: aCopy({ "web-0": aPod() }),
  namespaces: aCopy({ default: namespace }),
  revisions: aCopy({}),
};

describe("a snapshot", () => {
  it("holds what the rollout of a set depends on", () => {
    const snapshot = gatherSnapshot(copies, "logging", Date.parse("2026-06-10T00:00:00Z"))!;
    expect(planRollout(snapshot).verdicts.get("default/web-0")?.kind).toBe("upgrade");
  });

  it("is not to be had of a set that is gone or cannot be read", () => {
    expect(gatherSnapshot(copies, "broken", 0)).toBeUndefined();
    expect(gatherSnapshot(copies, "gone", 0)).toBeUndefined();
  });
});
