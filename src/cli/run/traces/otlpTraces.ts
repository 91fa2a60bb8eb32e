import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Environment } from "../../../cluster/environment.ts";
import type { RolloutTraces, TracesOptions } from "../rolloutTracing.ts";
import { rolloutTraces } from "./rolloutTraces.ts";

const TELL_EVERY_MS = 60_000;
/** Ended spans that wait to be sent; what comes beyond is dropped. */
const MOST_WAITING = 4096;

/** Sends what ends to a collector, in the background. Endpoint, headers and time limits are those of OpenTelemetry's variables. */
export function startOtlpTraces({ endpoint, environment, version }: TracesOptions): RolloutTraces {
  const exporter = new OTLPTraceExporter(endpoint === undefined ? {} : { url: endpoint });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "sidecarset", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor(tellingFailures(exporter, environment), { maxQueueSize: MOST_WAITING })],
  });
  return {
    onRollout: rolloutTraces(provider.getTracer("sidecarset", version)),
    // Failures have been told.
    close: () => provider.shutdown().catch(() => {}),
  };
}

/** A collector that is away loses spans, and nothing else; it is told once a minute at most. */
function tellingFailures(exporter: SpanExporter, { clock, log }: Environment): SpanExporter {
  let toldAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) {
          lost += spans.length;
          if (clock.now() - toldAt >= TELL_EVERY_MS) {
            log("warn", "traces were not sent", { error: result.error.message, spans: lost });
            toldAt = clock.now();
            lost = 0;
          }
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
