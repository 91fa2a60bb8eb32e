import { describe, expect, it } from "vitest";
import { applyMergePatch } from "../kube/mergePatch.ts";
import type { JsonObject, KubeObject } from "../kube/object.ts";
import { NOTHING_STOPPED, stopSwitches } from "./stopSwitches.ts";
import { startPatch, stopPatch } from "./switchPatch.ts";

const STOP = { reason: "incident 7", time: "2026-06-10T08:00:00Z" };

function switchesAfter(...patches: readonly (JsonObject | undefined)[]) {
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "sidecarset-switches" } };
  const after = patches.reduce(
    (object, patch) => applyMergePatch(object, patch ?? {}) as JsonObject,
    configMap as JsonObject,
  );
  return stopSwitches(after as unknown as KubeObject);
}

describe("the switches' patches", () => {
  it("stop what is named, with reason and time", () => {
    const patch = stopPatch(NOTHING_STOPPED, ["updates"], STOP);
    expect(switchesAfter(patch)).toMatchObject({
      updates: { reason: "incident 7", since: Date.parse(STOP.time) },
      injection: undefined,
      trouble: [],
    });
    expect(stopPatch(switchesAfter(patch), ["updates"], STOP)).toBeUndefined();
    expect(stopPatch(switchesAfter(patch), ["updates", "injection"], STOP)).toBeDefined();
  });

  it("let go on what is named, and keep the reason as long as something else is stopped", () => {
    const both = stopPatch(NOTHING_STOPPED, ["updates", "injection"], STOP);
    const one = startPatch(switchesAfter(both), ["updates"]);
    expect(switchesAfter(both, one)).toMatchObject({ updates: undefined, injection: { reason: "incident 7" } });
    const rest = startPatch(switchesAfter(both, one), ["updates", "injection", "registration"]);
    expect(rest).toEqual({ data: { injection: "running", reason: null, since: null } });
    expect(switchesAfter(both, one, rest)).toEqual(NOTHING_STOPPED);
    expect(startPatch(NOTHING_STOPPED, ["updates"])).toBeUndefined();
  });
});
