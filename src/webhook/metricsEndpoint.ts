import type { Registry } from "prom-client";
import { type Endpoint, METRICS_TEXT } from "./httpServer.ts";

/** All that a registry counts, in the text format of Prometheus. */
export function metricsEndpoint(registry: Registry): Endpoint {
  return {
    method: "GET",
    answer: async () => ({ code: 200, contentType: METRICS_TEXT, body: await registry.metrics() }),
  };
}
