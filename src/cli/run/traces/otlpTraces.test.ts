import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { VirtualClock } from "../../../../test/virtualClock.ts";
import { startOtlpTraces } from "./otlpTraces.ts";

it("a collector that refuses what it gets is told once a minute, with the spans that are lost", async () => {
  const collector = createServer((request, response) => {
    request.resume();
    response.writeHead(400).end();
  });
  await new Promise<void>((done) => collector.listen(0, "127.0.0.1", done));
  const { port } = collector.address() as AddressInfo;
  const told: unknown[] = [];
  const clock = new VirtualClock();
  const environment = {
    clock,
    random: () => 0.5,
    log: (...line: readonly unknown[]) => void told.push(line),
  };
  const endpoint = `http://127.0.0.1:${port}/v1/traces`;
  const traces = startOtlpTraces({ endpoint, environment, version: "1" });
  // More than two batches of the SDK.
  for (let index = 0; index < 1_100; index++) {
    const rollout = { sidecarSet: "logging", revision: `logging-${index}` };
    traces.onRollout({ kind: "rolloutBegan", rollout, at: 1, resumed: false });
    traces.onRollout({ kind: "rolloutEnded", rollout, result: "Promoted", startedAt: 1, at: 2, pausedMs: 0, pods: 1 });
  }
  await traces.close();
  expect(told).toEqual([
    ["warn", "traces were not sent", { error: expect.stringContaining("Bad Request"), spans: expect.any(Number) }],
  ]);
  collector.close();
});
