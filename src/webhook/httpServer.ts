import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock } from "../cluster/environment.ts";
import type { Status } from "../core/kube/object.ts";
import { failure } from "./admissionReview.ts";
import { bodyOf } from "./requestBody.ts";

/** Certificate and private key in PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What is behind one path. Bodies are JSON texts in both directions. */
export type Endpoint =
  | { readonly method: "GET"; readonly answer: () => HttpAnswer }
  | { readonly method: "POST"; readonly answer: (body: string) => HttpAnswer | Promise<HttpAnswer> };

export interface HttpAnswer {
  readonly code: number;
  readonly contentType: "application/json" | "text/plain";
  readonly body: string;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certificate: ServerCertificate;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly clock: Clock;
  /** Hears of failures of an endpoint; the caller gets a 500. */
  readonly onError: (path: string, error: unknown) => void;
}

export interface HttpServer {
  readonly port: number;
  /** For connections from now on; those that are open keep theirs. */
  setCertificate(certificate: ServerCertificate): void;
  /** Takes no more connections and settles when every request under way has its answer, at the latest after the grace. */
  close(graceMs: number): Promise<void>;
}

/** Longer than the API server keeps an idle connection, so that we never close one it is about to use. */
const KEEP_ALIVE_MS = 100_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Rejects when the port cannot be had. Nothing that arrives over a connection ends the server. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  let draining = false;
  const server = createServer(
    {
      ...tlsOptions(options.certificate),
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
    },
    (request, response) => {
      if (draining) response.setHeader("connection", "close");
      void serve(request, response, options);
    },
  );
  server.on("tlsClientError", () => {});
  const port = await listening(server, options);
  return {
    port,
    setCertificate: (certificate) => server.setSecureContext(tlsOptions(certificate)),
    close(graceMs) {
      draining = true;
      return closed(server, options.clock, graceMs);
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0]!;
  response.on("error", () => {});
  try {
    send(response, await answerTo(path, request, options.endpoints.get(path)));
  } catch (error) {
    if (!request.complete) return; // the sender went away: nobody to answer, nothing to report
    options.onError(path, error);
    send(
      response,
      statusAnswer(failure({ code: 500, reason: "InternalError", message: "the webhook failed; see its log" })),
    );
  }
}

async function answerTo(path: string, request: IncomingMessage, endpoint: Endpoint | undefined): Promise<HttpAnswer> {
  if (endpoint === undefined) {
    return statusAnswer(failure({ code: 404, reason: "NotFound", message: `there is nothing at ${path}` }));
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== endpoint.method) {
    const message = `${path} takes ${endpoint.method}, not ${request.method}`;
    return statusAnswer(failure({ code: 405, reason: "MethodNotAllowed", message }));
  }
  if (endpoint.method === "GET") return endpoint.answer();
  const body = await bodyOf(request);
  return body.ok ? endpoint.answer(body.value) : statusAnswer(body.error);
}

export function statusAnswer(status: Status): HttpAnswer {
  return { code: status.code ?? 500, contentType: "application/json", body: JSON.stringify(status) };
}

function send(response: ServerResponse, { code, contentType, body }: HttpAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(code, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function tlsOptions({ certificate, privateKey }: ServerCertificate) {
  return { cert: certificate, key: privateKey, minVersion: "TLSv1.2" as const };
}

function listening(server: Server, { host, port }: HttpServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      server.on("error", () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closed(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
