import type { Registry } from "prom-client";
import type { SelfTest } from "../../../controller/selfTest.ts";
import { sampledGauge } from "./sampledGauge.ts";

/** Nothing as long as nothing was tested, as on replicas that do not lead. */
export function registerSelfTestMetrics(registry: Registry, selfTest: Pick<SelfTest, "reached" | "lastSuccess">): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    sampledGauge(registry, {
      name: `sidecarset_webhook_selftest_${name}`,
      help,
      read: () => (selfTest.reached === undefined ? [] : [{ value: value() }]),
    });
  };
  gauge("up", "1: the API server reached the webhook at the last test.", () => (selfTest.reached ? 1 : 0));
  gauge("last_success_timestamp_seconds", "When it last did; 0: never.", () => (selfTest.lastSuccess ?? 0) / 1000);
}
