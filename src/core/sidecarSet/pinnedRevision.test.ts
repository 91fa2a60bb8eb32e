import { describe, expect, it } from "vitest";
import type { ControllerRevision } from "../kube/object.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";
import { pinnedRevisionOf } from "./pinnedRevision.ts";

function aRevision(name: string, revision: number, metadata: ControllerRevision["metadata"] = {}): ControllerRevision {
  const labels = { "kruise.io/sidecarset-name": "log-agent", ...metadata.labels };
  return { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { ...metadata, name, labels }, revision };
}

const alias = (value: string) => ({ labels: { "apps.kruise.io/sidecarset-custom-version": value } });

function pinned(revision: Record<string, string>, revisions: readonly ControllerRevision[]): string | undefined {
  const set = parseSidecarSet({
    metadata: { name: "log-agent", uid: "uid-log-agent" },
    spec: { injectionStrategy: { revision } },
  });
  if (!set.ok) throw new Error(JSON.stringify(set.error));
  return pinnedRevisionOf(set.value, revisions)?.metadata.name;
}

describe("the pinned revision", () => {
  it("is found by name, which wins over a custom version", () => {
    const revisions = [aRevision("a", 1, alias("v1")), aRevision("b", 2)];
    expect(pinned({ revisionName: "b", customVersion: "v1" }, revisions)).toBe("b");
    expect(pinned({ revisionName: "c" }, revisions)).toBeUndefined();
  });

  it("is the newest of a custom version: by number, then by time, then by name", () => {
    const at = (creationTimestamp: string) => ({ ...alias("v1"), creationTimestamp });
    const late = "2026-07-02T00:00:00Z";
    expect(pinned({ customVersion: "v1" }, [aRevision("b", 9, at(late)), aRevision("a", 10, alias("v1"))])).toBe("a");
    expect(
      pinned({ customVersion: "v1" }, [aRevision("a", 1, at(late)), aRevision("b", 1, at("2026-07-01T00:00:00Z"))]),
    ).toBe("a");
    expect(pinned({ customVersion: "v1" }, [aRevision("a", 1, at(late)), aRevision("b", 1, at(late))])).toBe("b");
  });

  it("never belongs to another SidecarSet", () => {
    const foreign = aRevision("a", 1, { labels: { ...alias("v1").labels, "kruise.io/sidecarset-name": "other" } });
    expect(pinned({ revisionName: "a" }, [foreign])).toBeUndefined();
    expect(pinned({ customVersion: "v1" }, [foreign])).toBeUndefined();
  });

  it("never belongs to a predecessor of the same name, or to whatever else only has the label", () => {
    const ownedBy = (uid: string) => ({
      ownerReferences: [
        { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", name: "log-agent", uid, controller: true },
      ],
    });
    expect(pinned({ revisionName: "a" }, [aRevision("a", 1, ownedBy("uid-of-before"))])).toBeUndefined();
    expect(pinned({ revisionName: "a" }, [aRevision("a", 1, ownedBy("uid-log-agent"))])).toBe("a");
  });
});
