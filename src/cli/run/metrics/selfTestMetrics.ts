import type { Registry } from "prom-client";
import type { SelfTest } from "../../../controller/selfTest.ts";
import { sampledGauge } from "./sampledGauge.ts";

/** Of who leads: what a leader of before has found is about another time. What is not known is not told. */
export function registerSelfTestMetrics(
  registry: Registry,
  selfTest: Pick<SelfTest, "running" | "reached" | "lastSuccess" | "windows">,
): void {
  const gauge = (name: string, help: string, value: () => number | undefined): void => {
    sampledGauge(registry, {
      name: `sidecarset_webhook_selftest_${name}`,
      help,
      read: () => {
        const known = selfTest.running && selfTest.windows.length > 0 ? value() : undefined;
        return known === undefined ? [] : [{ value: known }];
      },
    });
  };
  gauge("up", "1: the API server reached the webhook at the last test.", () =>
    selfTest.reached === undefined ? undefined : Number(selfTest.reached),
  );
  gauge("last_success_timestamp_seconds", "When it last did; 0: never.", () => (selfTest.lastSuccess ?? 0) / 1000);
}
