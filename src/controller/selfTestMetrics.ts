import type { SelfTest } from "./selfTest.ts";

/** In the text format of Prometheus; empty as long as nothing was tested, as on replicas that do not lead. */
export function selfTestMetrics({ reached, lastSuccess }: Pick<SelfTest, "reached" | "lastSuccess">): string {
  if (reached === undefined) return "";
  return (
    gauge(
      "sidecarset_webhook_selftest_up",
      "1: the API server reached the webhook at the last test.",
      reached ? 1 : 0,
    ) +
    gauge(
      "sidecarset_webhook_selftest_last_success_timestamp_seconds",
      "When it last did; 0: never.",
      (lastSuccess ?? 0) / 1000,
    )
  );
}

function gauge(name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`;
}
