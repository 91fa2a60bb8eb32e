import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Endpoint } from "./httpServer.ts";

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

const REQUEST_MS = 5_000;

/** Health and metrics over plain HTTP, for kubelets and Prometheus; nothing that decides is behind it. Rejects when the port cannot be had. */
export async function startHealthServer({ host, port, endpoints }: HealthServerOptions): Promise<HealthServer> {
  const limits = { maxHeaderSize: 8 * 1024, headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS };
  const server = createServer(limits, (request, response) => void serve(request, response, endpoints));
  server.listen({ host, port });
  await once(server, "listening");
  server.on("error", () => {});
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  endpoints: HealthServerOptions["endpoints"],
): Promise<void> {
  response.on("error", () => {});
  const url = request.url ?? "/";
  const endpoint = endpoints.get(url.split("?", 1)[0]!);
  if (endpoint?.method !== "GET") {
    response.writeHead(404, { "content-type": "text/plain" }).end("there is nothing here\n");
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { "content-type": "text/plain" }).end("GET is expected\n");
    return;
  }
  try {
    const { code, contentType, body } = await endpoint.answer(url);
    response.writeHead(code, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch {
    response.writeHead(500, { "content-type": "text/plain" }).end("failed\n");
  }
}
