import { type Environment, sleep } from "../../cluster/environment.ts";
import type { RolloutEvent } from "../../controller/rolloutEvent.ts";

export interface TracesOptions {
  /** Where spans are posted, path and all; undefined: where OpenTelemetry's own variables say. */
  readonly endpoint: string | undefined;
  readonly environment: Environment;
  /** Of this program. */
  readonly version: string;
}

export interface RolloutTraces {
  readonly onRollout: (event: RolloutEvent) => void;
  /** Sends what has ended, as far as the collector takes it. */
  close(): Promise<void>;
}

/** A collector that does not answer does not keep the process. */
const CLOSE_MS = 3_000;

/** @returns undefined when nobody named a collector: then nothing of OpenTelemetry is loaded */
export async function startRolloutTracing(
  options: TracesOptions,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<RolloutTraces | undefined> {
  if (options.endpoint === undefined && !isNamed(variables)) return undefined;
  const { startOtlpTraces } = await import("./traces/otlpTraces.ts");
  const traces = startOtlpTraces(options);
  return {
    onRollout: traces.onRollout,
    close: () => Promise.race([traces.close(), sleep(options.environment.clock, CLOSE_MS)]),
  };
}

function isNamed(variables: Readonly<Record<string, string | undefined>>): boolean {
  if (variables.OTEL_SDK_DISABLED === "true" || variables.OTEL_TRACES_EXPORTER === "none") return false;
  return Boolean(variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || variables.OTEL_EXPORTER_OTLP_ENDPOINT);
}
