import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { beforeEach, describe, expect, it } from "vitest";
import type { RolloutEvent } from "../../../controller/rolloutEvent.ts";
import { rolloutTraces } from "./rolloutTraces.ts";

const rollout = { sidecarSet: "logging", revision: "logging-1" };
const exporter = new InMemorySpanExporter();
let tell: (event: RolloutEvent) => void;
beforeEach(() => {
  exporter.reset();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  tell = rolloutTraces(provider.getTracer("test"));
});

describe("the trace of a rollout", () => {
  it("has spans of a hundred pods a wave, and the number of the others", () => {
    tell({ kind: "rolloutBegan", rollout, at: 1_000, resumed: false });
    tell({ kind: "waveBegan", rollout, wave: 1, at: 2_000 });
    const pods = Array.from({ length: 130 }, (_, index) => `ns-1/web-${index}`);
    for (const pod of pods) tell({ kind: "podBegan", rollout, wave: 1, pod, at: 2_000 });
    for (const pod of pods)
      tell({ kind: "podEnded", rollout, wave: 1, pod, beganAt: 2_000, at: 5_000, result: "ready" });
    tell({ kind: "waveEnded", rollout, wave: 1, at: 6_000 });
    const spans = exporter.getFinishedSpans();
    expect(spans.filter(({ name }) => name.startsWith("pod "))).toHaveLength(100);
    expect(spans.find(({ name }) => name === "wave 1")!.attributes).toMatchObject({
      "sidecarset.pods": 130,
      "sidecarset.pods.untraced": 30,
    });
  });

  it("has the times that it is told, and how the rollout ended", () => {
    tell({ kind: "rolloutBegan", rollout, at: 1_000, resumed: true });
    tell({ kind: "waveBegan", rollout, wave: 3, at: 2_500 });
    tell({ kind: "waveEnded", rollout, wave: 3, at: 6_000 });
    tell({
      kind: "rolloutEnded",
      rollout,
      result: "RolledBack",
      startedAt: 1_000,
      at: 9_000,
      pausedMs: 500,
      pods: 7,
    });
    const [wave, root] = exporter.getFinishedSpans();
    expect([wave!.startTime, wave!.endTime]).toEqual([
      [2, 500_000_000],
      [6, 0],
    ]);
    expect([root!.startTime, root!.endTime]).toEqual([
      [1, 0],
      [9, 0],
    ]);
    expect(wave!.parentSpanContext?.spanId).toBe(root!.spanContext().spanId);
    expect(root!.attributes).toEqual({
      "sidecarset.name": "logging",
      "sidecarset.revision": "logging-1",
      "sidecarset.resumed": true,
      "sidecarset.result": "RolledBack",
      "sidecarset.pods": 7,
      "sidecarset.paused_seconds": 0.5,
    });
  });

  it("is not begun for a pod that is upgraded outside a rollout", () => {
    tell({ kind: "waveBegan", rollout, wave: 1, at: 1 });
    tell({ kind: "podBegan", rollout, wave: 1, pod: "ns-1/web-0", at: 1 });
    tell({ kind: "podEnded", rollout, wave: 1, pod: "ns-1/web-0", beganAt: 1, at: 2, result: "ready" });
    tell({ kind: "waveEnded", rollout, wave: 1, at: 2 });
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
