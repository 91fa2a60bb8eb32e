import { describe, expect, it } from "vitest";
import { parseSidecarSet } from "../parseSidecarSet.ts";
import type { SidecarSetManifest } from "./sidecarSetManifest.ts";

/** The compiler makes these tests: it refuses an expected error that is none. */
describe("the type of a SidecarSet as it is written", () => {
  it("takes what both versions and we have, and any field of a container", () => {
    const manifest: SidecarSetManifest = {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: { name: "logging" },
      spec: {
        selector: { matchLabels: { app: "web" } },
        namespace: "shop",
        customVersion: "v7",
        containers: [{ name: "log", image: "log:1", shareVolumePolicy: { type: "enabled" }, ofTheFuture: [1] }],
        volumes: [{ name: "logs", emptyDir: {} }],
        updateStrategy: { partition: "50%", maxUnavailable: 2, steps: [{ partition: 3, pause: {} }] },
        injectionStrategy: { failurePolicy: "Ignore", revision: { policy: "FollowPartition" } },
      },
    };
    expect(parseSidecarSet(manifest).ok).toBe(true);
  });

  it("takes no misspelled field, no value that is none, and no list for a map", () => {
    const manifest: SidecarSetManifest = {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      spec: {
        // @ts-expect-error matchLabels is a map
        selector: { matchLabels: [{ app: "web" }] },
        // @ts-expect-error maxUnavailable is meant
        updateStrategy: { maxUnavailabel: 1 },
        // @ts-expect-error Fail or Ignore
        injectionStrategy: { failurePolicy: "fail" },
      },
    };
    expect(parseSidecarSet(manifest)).toMatchObject({ ok: false, error: [{ field: "spec.selector.matchLabels" }] });
  });
});
