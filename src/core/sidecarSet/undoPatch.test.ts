import { describe, expect, it } from "vitest";
import { aSidecarSetObject } from "../../../test/aSidecarSet.ts";
import { applyMergePatch } from "../kube/mergePatch.ts";
import type { JsonObject } from "../kube/object.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";
import { revisionData, revisionOf } from "./revision.ts";
import type { SidecarSet } from "./sidecarSet.ts";
import { undoPatch } from "./undoPatch.ts";

const OLD = { containers: [{ name: "logtail", image: "logtail:1" }] };

describe("going back to a revision", () => {
  it("changes the image alone, and leaves what the owner wrote beside it", () => {
    const logtail = {
      name: "logtail",
      image: "logtail:2",
      podOverrides: ["imageTag"],
      env: [{ name: "A", value: "1" }],
    };
    const old = { containers: [{ ...logtail, image: "logtail:1" }] };
    expect(patch({ containers: [logtail], updateStrategy: { partition: "50%" } }, old)).toEqual({
      containers: [{ ...logtail, image: "logtail:1" }],
    });
  });

  it("removes what came since then, and brings back what went", () => {
    const now = {
      containers: [
        { name: "added", image: "added:1" },
        { name: "logtail", image: "logtail:1", podOverrides: ["resources"] },
      ],
      initContainers: [{ name: "init", image: "init:1" }],
      volumes: [{ name: "new", emptyDir: {} }],
    };
    const old = { ...OLD, volumes: [{ name: "old", emptyDir: {} }], imagePullSecrets: [{ name: "registry" }] };
    const written = patch(now, old)!;
    expect(written).toMatchObject({
      containers: [{ name: "logtail", image: "logtail:1", podOverrides: ["resources"] }],
      initContainers: null,
      volumes: [{ name: "old" }],
      imagePullSecrets: [{ name: "registry" }],
    });
    expect(Object.keys(written)).toHaveLength(4);
  });

  it("takes a field away that the revision did not have", () => {
    const now = { containers: [{ name: "logtail", image: "logtail:1", command: ["sh"] }] };
    expect(patch(now, OLD)).toEqual({ containers: [{ name: "logtail", image: "logtail:1" }] });
  });

  it("has nothing to do when the template is that one", () => {
    expect(patch(OLD, OLD)).toBeUndefined();
  });

  it("is not possible by a revision that records no template", () => {
    const broken = {
      ...revisionOf(parsed(OLD), { revision: 1, collisionCount: 0 }),
      data: { spec: { containers: 1 } },
    };
    expect(undoPatch(parsed(OLD), OLD, broken)).toMatchObject({
      ok: false,
      error: expect.stringContaining("containers"),
    });
  });
});

function patch(now: JsonObject, old: JsonObject): JsonObject | undefined {
  const set = parsed(now);
  const result = undoPatch(set, now, revisionOf(parsed(old), { revision: 1, collisionCount: 0 }));
  if (!result.ok) throw new Error(result.error);
  const spec = applyMergePatch(now, result.value ?? {}) as JsonObject;
  expect(revisionData(parsed(spec))).toEqual(revisionData(parsed(old)));
  return result.value;
}

function parsed(spec: JsonObject): SidecarSet {
  const result = parseSidecarSet(aSidecarSetObject({ containers: [], ...spec }));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
