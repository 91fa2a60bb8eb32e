import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "../cluster/environment.ts";
import { andThen, type Soon } from "../cluster/soon.ts";
import type { Status } from "../core/kube/object.ts";
import { failure } from "./admissionReview.ts";
import { bodyOf } from "./requestBody.ts";

/** Certificate and private key in PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What is behind one path. */
export type Endpoint = { readonly method: "GET"; readonly answer: (url: string) => Soon<HttpAnswer> } | PostEndpoint;

/** Bodies are JSON texts in both directions; what comes in is not decoded yet. */
export interface PostEndpoint {
  readonly method: "POST";
  readonly answer: (body: Buffer) => Soon<HttpAnswer>;
}

/** Prometheus' own, with its version. */
export const METRICS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

export interface HttpAnswer {
  readonly code: number;
  readonly contentType: "application/json" | "text/plain" | typeof METRICS_TEXT;
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
  /**
   * From now on every answer ends its connection. Callers then go elsewhere of themselves; cutting a connection that they are about to
   * use would fail their request, which they may not repeat.
   */
  drain(): void;
  /** Takes no more connections and settles when every request under way has its answer, at the latest after the grace. */
  close(graceMs: number): Promise<void>;
}

/** Longer than the API server keeps an idle connection, so that we never close one it is about to use. */
const KEEP_ALIVE_MS = 100_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
/** How often those limits are looked at; left to itself, Node adds half a minute to each. */
const CHECKING_MS = 5_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Rejects when the port cannot be had. Nothing that arrives over a connection ends the server. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  let draining = false;
  const serving = { ...options, isDraining: () => draining };
  const server = createServer(
    {
      ...tlsOptions(options.certificate),
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      handshakeTimeout: HEADERS_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECKING_MS,
    },
    (request, response) => void serve(request, response, serving),
  );
  server.on("tlsClientError", ignore);
  const sockets = socketsOf(server);
  const port = await listening(server, options);
  return {
    port,
    setCertificate: (certificate) => server.setSecureContext(tlsOptions(certificate)),
    drain() {
      draining = true;
    },
    close(graceMs) {
      draining = true;
      const cancel = options.clock.after(graceMs, () => {
        for (const socket of sockets) socket.destroy();
      });
      return closed(server).finally(cancel);
    },
  };
}

interface Serving extends HttpServerOptions {
  readonly isDraining: () => boolean;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  response.on("error", ignore);
  const answer = await answerOrFailure(request, serving);
  if (answer === undefined || response.destroyed) return;
  // Asked only now: the close may have begun while the answer was found.
  if (serving.isDraining()) response.setHeader("connection", "close");
  send(response, answer);
}

/** @returns undefined when the sender went away: nobody to answer, nothing to report */
async function answerOrFailure(request: IncomingMessage, serving: Serving): Promise<HttpAnswer | undefined> {
  const path = pathOf(request);
  try {
    return await answerTo(path, request, serving.endpoints.get(path));
  } catch (error) {
    if (!request.complete) return undefined;
    serving.onError(path, error);
    return statusAnswer(failure({ code: 500, reason: "InternalError", message: "the webhook failed; see its log" }));
  }
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

function answerTo(path: string, request: IncomingMessage, endpoint: Endpoint | undefined): Soon<HttpAnswer> {
  if (endpoint === undefined) {
    return statusAnswer(failure({ code: 404, reason: "NotFound", message: `there is nothing at ${path}` }));
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== endpoint.method) {
    const message = `${path} takes ${endpoint.method}, not ${request.method}`;
    return statusAnswer(failure({ code: 405, reason: "MethodNotAllowed", message }));
  }
  if (endpoint.method === "GET") return endpoint.answer(request.url ?? path);
  return andThen(bodyOf(request), (body) => (body.ok ? endpoint.answer(body.value) : statusAnswer(body.error)));
}

export function statusAnswer(status: Status): HttpAnswer {
  return { code: status.code ?? 500, contentType: "application/json", body: JSON.stringify(status) };
}

function send(response: ServerResponse, { code, contentType, body }: HttpAnswer): void {
  const bytes = Buffer.byteLength(body);
  response.writeHead(code, { "content-type": contentType, "content-length": bytes });
  if (response.req.method === "HEAD") response.end();
  // ASCII, as nearly always, can be copied as it is; for UTF-8 every character would be looked at once more.
  else response.end(body, bytes === body.length ? "latin1" : "utf8");
}

function ignore(): void {}

function tlsOptions({ certificate, privateKey }: ServerCertificate) {
  return { cert: certificate, key: privateKey, minVersion: "TLSv1.2" as const };
}

function listening(server: Server, { host, port }: HttpServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      server.on("error", ignore);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Every connection, also one that has not come to a request yet; the server itself tells only of those that have. */
function socketsOf(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
