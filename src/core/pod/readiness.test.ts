import { describe, expect, it } from "vitest";
import { aPod, type PodTraits } from "../../../test/aPod.ts";
import { readinessCredibleAt } from "./readiness.ts";

const RESTARTED = "2026-06-01T10:00:00Z";
const running = { state: { running: { startedAt: RESTARTED } } };
const startupProbe = { initialDelaySeconds: 2, periodSeconds: 5 };

function credibleAt(traits: PodTraits, changedAt?: string): string | undefined {
  const pod = aPod(traits);
  const time = readinessCredibleAt(pod, pod.containers, changedAt === undefined ? undefined : Date.parse(changedAt));
  return time === undefined ? undefined : new Date(time).toISOString();
}

describe("readiness after a restart in place", () => {
  it("is doubted until the startup probe must have looked", () => {
    expect(credibleAt({ sidecar: { startupProbe }, status: running })).toBe("2026-06-01T10:00:08.000Z");
  });

  it("is doubted by our own clock where the kubelet's is behind: its container cannot have started before we changed the image", () => {
    const traits = { sidecar: { startupProbe }, status: running };
    expect(credibleAt(traits, "2026-06-01T10:00:00Z")).toBe("2026-06-01T10:00:08.000Z");
    expect(credibleAt(traits, "2026-06-01T10:07:00Z")).toBe("2026-06-01T10:07:38.000Z");
  });

  it("is believed once the pod became ready after the start", () => {
    const readySince = "2026-06-01T10:00:03Z";
    expect(credibleAt({ sidecar: { startupProbe }, status: running, readySince })).toBeUndefined();
  });

  it("is believed at once without a startup probe, or with a readiness probe", () => {
    expect(credibleAt({ status: running })).toBeUndefined();
    expect(credibleAt({ sidecar: { startupProbe, readinessProbe: {} }, status: running })).toBeUndefined();
  });
});
