import { describe, expect, it } from "vitest";
import { aPod } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { asWritten } from "./asWritten.ts";
import { judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { upgradePatch } from "./upgradePatch.ts";

const rules = rolloutRules(aSidecarSet());
const MOMENT = { now: Date.UTC(2026, 5, 1), latestRevision: "logging-1" };
const pod = aPod();
const upgrade = upgradePatch(podFacts(pod, rules), MOMENT);
const operations = upgrade.ok ? upgrade.value.operations : [];

describe("a pod that is being written", () => {
  it("counts as upgraded and holds budget, though it still runs and is ready", () => {
    const written = asWritten(pod, operations);
    expect(judgePod(podFacts(pod, rules))).toMatchObject({ settled: undefined, updated: false, ready: true });
    expect(judgePod(podFacts(written, rules))).toMatchObject({ updated: true, available: false });
    expect(written).toMatchObject({ ready: true, generation: 2, resourceVersion: pod.resourceVersion });
  });

  it("is what the watch shows when the write has arrived already", () => {
    const written = { ...asWritten(pod, operations), resourceVersion: "11" };
    expect(asWritten(written, operations)).toBe(written);
  });

  it("is what the watch shows when the write will be refused", () => {
    const changed = { ...pod, containers: pod.containers.map((one) => ({ ...one, image: "logtail:by-hand" })) };
    expect(asWritten(changed, operations)).toBe(changed);
  });

  it("keeps what the watch has shown since, where the write still applies", () => {
    const unready = { ...pod, ready: false, resourceVersion: "12" };
    expect(asWritten(unready, operations)).toMatchObject({ ready: false, resourceVersion: "12", generation: 2 });
  });
});
