import { Counter, type Registry } from "prom-client";
import type { SentRequest } from "../../../kubeapi/transport.ts";

/** Requests to the API server, with the name and labels of client-go. @returns to be told of each */
export function registerRequestMetrics(registry: Registry): (sent: SentRequest) => void {
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Requests to the API server, watches included; the code is <error> where no answer came.",
    labelNames: ["code", "host", "method"],
    registers: [registry],
  });
  return ({ code, host, method }) => requests.inc({ code: code ?? "<error>", host, method });
}
