import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Clock } from "../cluster/environment.ts";
import { type Access, AccessError, type AccessSource } from "./access.ts";
import { errorFromAnswer, errorFromConnection } from "./answerError.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface TransportOptions {
  readonly source: AccessSource;
  readonly clock: Clock;
  readonly userAgent: string;
  /** How long the server may take for its answer, and for any pause within it. */
  readonly requestTimeoutMs: number;
}

/** The open connections, and the access they were opened with. */
interface Connections {
  readonly access: Access;
  readonly readAt: number;
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

type Answer = Dispatcher.ResponseData;

const REREAD_ACCESS_MS = 60_000;
const CONNECTIONS = 16;
const CONNECT_TIMEOUT_MS = 10_000;
const WATCH_HEADERS_TIMEOUT_MS = 30_000;
const IDLE_MS = 30_000;

/**
 * HTTP/1.1 to one API server. Requests share a pool of kept connections (a new TLS handshake for each would cost twenty times the
 * write rate); each watch has a connection of its own that may stay silent. Every failure is a ClusterError.
 */
export class Transport {
  readonly #options: TransportOptions;
  #connections: Promise<Connections> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The parsed JSON of the answer. */
  async json<T>(request: ApiRequest): Promise<T> {
    const answer = await this.#send(request);
    try {
      return (await answer.body.json()) as T;
    } catch (error) {
      throw await this.#connectionError(error);
    }
  }

  /** For answers nobody reads. */
  async discard(request: ApiRequest): Promise<void> {
    const answer = await this.#send(request);
    await answer.body.dump();
  }

  /** The bytes of an answer that goes on; the iteration ends without an error when the signal aborts. */
  async *stream(path: string, signal: AbortSignal): AsyncIterable<Buffer> {
    try {
      const answer = await this.#send({ method: "GET", path }, signal);
      try {
        for await (const chunk of answer.body) yield chunk as Buffer;
      } catch (error) {
        throw await this.#connectionError(error);
      } finally {
        answer.body.destroy();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async close(): Promise<void> {
    const connections = await this.#connections?.catch(() => undefined);
    this.#connections = undefined;
    if (connections) await destroy(connections);
  }

  /** Sends with the access at hand; refused as unauthorized, reads the access again and tries once more if it has changed. */
  async #send(request: ApiRequest, watch?: AbortSignal): Promise<Answer> {
    const connections = await this.#current();
    const answer = await this.#attempt(connections, request, watch);
    if (answer.statusCode < 400) return answer;
    if (answer.statusCode === 401) {
      const renewed = await this.#reread(connections);
      if (!sameIdentity(renewed.access, connections.access)) {
        await answer.body.dump();
        return this.#accepted(await this.#attempt(renewed, request, watch));
      }
    }
    return this.#accepted(answer);
  }

  async #accepted(answer: Answer): Promise<Answer> {
    if (answer.statusCode < 400) return answer;
    const body = await answer.body.text().catch(() => "");
    throw errorFromAnswer(answer.statusCode, body, textOf(answer.headers["retry-after"]));
  }

  async #attempt(connections: Connections, request: ApiRequest, watch?: AbortSignal): Promise<Answer> {
    const send = (): Promise<Answer> => {
      const { origin, pathname } = new URL(connections.access.server);
      return (watch ? connections.watches : connections.requests).request({
        origin,
        path: pathname === "/" ? request.path : pathname.replace(/\/$/, "") + request.path,
        method: request.method,
        headers: this.#headers(connections.access, request),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(watch ? { signal: watch } : {}),
      });
    };
    try {
      return await send();
    } catch (error) {
      if (watch?.aborted) throw error;
      // A kept connection may have been closed by the server just now; only reading twice is harmless.
      if (request.method === "GET" && isStaleConnection(error)) {
        return send().catch(async (second: unknown) => {
          throw await this.#connectionError(second);
        });
      }
      throw await this.#connectionError(error);
    }
  }

  #headers(access: Access, request: ApiRequest): Record<string, string> {
    return {
      ...access.headers,
      accept: "application/json",
      "user-agent": this.#options.userAgent,
      ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
    };
  }

  async #connectionError(error: unknown): Promise<Error> {
    const server = (await this.#connections?.catch(() => undefined))?.access.server ?? "(unknown)";
    return errorFromConnection(error, server, this.#options.source.description);
  }

  async #current(): Promise<Connections> {
    const connections = await this.#opened();
    if (this.#options.clock.now() - connections.readAt < REREAD_ACCESS_MS) return connections;
    return this.#reread(connections);
  }

  #opened(): Promise<Connections> {
    this.#connections ??= this.#open(undefined).catch((error: unknown) => {
      this.#connections = undefined;
      throw error;
    });
    return this.#connections;
  }

  /** Many requests may find the access old at once; the first reads it, the others wait for that. */
  async #reread(old: Connections): Promise<Connections> {
    const known = this.#opened();
    const current = await known;
    if (current !== old) return current;
    if (known !== this.#connections) return this.#opened(); // somebody else has begun meanwhile
    const renewed = this.#open(old).catch(() => ({ ...old, readAt: this.#options.clock.now() }));
    this.#connections = renewed;
    return renewed;
  }

  async #open(old: Connections | undefined): Promise<Connections> {
    const access = await this.#options.source.read();
    const readAt = this.#options.clock.now();
    if (old && sameEndpoint(access, old.access)) return { ...old, access, readAt };
    const opened = { access, readAt, ...this.#dispatchers(access) };
    // Requests under way on the old connections finish; its watches are reconnected by those who follow them.
    if (old) void destroy(old, "gracefully");
    return opened;
  }

  #dispatchers(access: Access): Pick<Connections, "requests" | "watches"> {
    const { requestTimeoutMs } = this.#options;
    const connect = { ...access.tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelay: IDLE_MS };
    const forRequests = {
      connections: CONNECTIONS,
      pipelining: 1,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      keepAliveTimeout: IDLE_MS,
    };
    const forWatches = { pipelining: 1, headersTimeout: WATCH_HEADERS_TIMEOUT_MS, bodyTimeout: 0 };
    if (access.proxyUrl === undefined) {
      return {
        requests: new Pool(new URL(access.server).origin, { ...forRequests, connect }),
        watches: new Agent({ ...forWatches, connect }),
      };
    }
    if (!/^https?:/.test(access.proxyUrl)) {
      throw new AccessError(`proxy-url ${access.proxyUrl} (${this.#options.source.description}): only http and https`);
    }
    const proxy = { uri: access.proxyUrl, requestTls: connect };
    return {
      requests: new ProxyAgent({ ...forRequests, ...proxy }),
      watches: new ProxyAgent({ ...forWatches, ...proxy }),
    };
  }
}

async function destroy({ requests, watches }: Connections, how?: "gracefully"): Promise<void> {
  await Promise.all([how ? requests.close() : requests.destroy(), watches.destroy()]);
}

function isStaleConnection(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function sameIdentity(a: Access, b: Access): boolean {
  return sameEndpoint(a, b) && JSON.stringify(a.headers) === JSON.stringify(b.headers);
}

function sameEndpoint(a: Access, b: Access): boolean {
  return JSON.stringify([a.server, a.tls, a.proxyUrl]) === JSON.stringify([b.server, b.tls, b.proxyUrl]);
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
