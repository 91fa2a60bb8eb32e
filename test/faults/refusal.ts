import type { ServerResponse } from "node:http";
import type { Status } from "../../src/core/kube/object.ts";
import type { Draws } from "../fuzz/draws.ts";

export type RefusedBy = "conflict" | "gone" | "tooManyRequests" | "serverError";

const REASONS = {
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
} as const;

const CODES: Readonly<Record<RefusedBy, readonly number[]>> = {
  conflict: [409],
  gone: [410],
  tooManyRequests: [429],
  serverError: [500, 502, 503, 504],
};

/** Answers as an API server that refuses, or as a proxy before it would. */
export function refuse(response: ServerResponse, by: RefusedBy, draws: Draws): void {
  if (by === "tooManyRequests") response.setHeader("retry-after", String(1 + draws.below(3)));
  const code = draws.pick(CODES[by]);
  if (code in REASONS && draws.below(2) === 0) sendStatus(response, code as keyof typeof REASONS);
  else sendPage(response, code);
}

/** As a server answers that does not know how to stream its state. */
export function refuseStreaming(response: ServerResponse): void {
  sendStatus(response, 422);
}

export function statusOf(code: keyof typeof REASONS): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: "injected",
    reason: REASONS[code],
    code,
  };
}

function sendStatus(response: ServerResponse, code: keyof typeof REASONS): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(statusOf(code)));
}

function sendPage(response: ServerResponse, code: number): void {
  response.writeHead(code, { "content-type": "text/html" }).end("<html>\n<h1>the balancer is unwell</h1>\n</html>\n");
}
