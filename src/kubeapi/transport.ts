import type { Dispatcher } from "undici";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Clock } from "../cluster/environment.ts";
import { AccessError, type AccessSource } from "./access.ts";
import { errorFromAnswer, errorFromConnection } from "./answerError.ts";
import { Connections, type OpenConnections, sameIdentity } from "./connections.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** `application/json` when left out. */
  readonly accept?: string;
  /** Nobody waits for the answer any more: the connection is closed. */
  readonly signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  readonly source: AccessSource;
  readonly clock: Clock;
  readonly userAgent: string;
  /** How long the server may take for its answer, and for any pause within it. */
  readonly requestTimeoutMs: number;
  /** Told of every request when its answer begins, watches included. Absent: nobody counts. */
  readonly onAnswer?: ((sent: SentRequest) => void) | undefined;
}

export interface SentRequest {
  readonly method: string;
  /** With the port where it is not that of HTTPS. */
  readonly host: string;
  /** Undefined: there was no answer. */
  readonly code: number | undefined;
}

export interface Answer {
  readonly contentType: string;
  readonly body: Buffer;
}

/** An answer that goes on. */
export interface OpenAnswer {
  readonly contentType: string;
  /** Ends without an error when the signal aborts. To be iterated: that is what closes the connection. */
  readonly chunks: AsyncIterable<Buffer>;
}

type Response = Dispatcher.ResponseData;
/** A watch has a connection of its own, and that it is given up is no failure. */
type Sent = ApiRequest & { readonly isWatch?: true };

/** How often something is read from a server that keeps breaking the connection. */
const READ_ATTEMPTS = 3;

/**
 * HTTP/1.1 to one API server. Kept connections for requests (a new TLS handshake for each would cost twenty times the write rate), one
 * of its own for each watch. Every failure is a ClusterError.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #connections: Connections;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#connections = new Connections(options);
  }

  /** The parsed JSON of the answer. */
  async json<T>(request: ApiRequest): Promise<T> {
    return this.parsed<T>(await this.answer(request));
  }

  /** Answered JSON. */
  async parsed<T>({ body }: Answer): Promise<T> {
    try {
      return JSON.parse(body.toString("utf8")) as T;
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  /** The whole answer. Only reading is repeated on a broken connection: a write may have arrived. */
  async answer(request: ApiRequest): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { headers, body } = await this.#send(request);
        return answered(headers, Buffer.from(await body.arrayBuffer()));
      } catch (error) {
        if (request.method === "GET" && isBrokenConnection(error) && attempt < READ_ATTEMPTS) continue;
        throw await this.#failure(error);
      }
    }
  }

  /** For answers nobody reads. */
  async discard(request: ApiRequest): Promise<void> {
    try {
      const { body } = await this.#send(request);
      await body.dump();
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  /** @returns undefined when the signal aborts before the answer is here */
  async open(request: Pick<ApiRequest, "path" | "accept">, signal: AbortSignal): Promise<OpenAnswer | undefined> {
    try {
      const { headers, body } = await this.#send({ ...request, method: "GET", signal, isWatch: true });
      return { contentType: textOf(headers["content-type"]) ?? "", chunks: this.#chunks(body, signal) };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw await this.#failure(error);
    }
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async *#chunks(body: Response["body"], signal: AbortSignal): AsyncIterable<Buffer> {
    try {
      for await (const chunk of body) yield chunk as Buffer;
    } catch (error) {
      if (!signal.aborted) throw await this.#failure(error);
    } finally {
      body.destroy();
    }
  }

  /** Sends with the access at hand; refused as unauthorized, reads the access again and tries once more if it has changed. */
  async #send(request: Sent): Promise<Response> {
    const connections = await this.#connections.current();
    const response = await this.#attempt(connections, request);
    if (response.statusCode !== 401) return this.#accepted(response);
    const renewed = await this.#connections.renewed(connections, "refused");
    if (sameIdentity(renewed.access, connections.access)) return this.#accepted(response);
    await response.body.dump();
    return this.#accepted(await this.#attempt(renewed, request));
  }

  async #accepted({ statusCode, headers, body }: Response): Promise<Response> {
    if (statusCode < 400) return { statusCode, headers, body } as Response;
    const bytes = Buffer.from(await body.arrayBuffer().catch(() => new ArrayBuffer(0)));
    throw errorFromAnswer(statusCode, answered(headers, bytes), {
      header: textOf(headers["retry-after"]),
      nowMs: this.#options.clock.now(),
    });
  }

  async #attempt(connections: OpenConnections, request: Sent): Promise<Response> {
    const { onAnswer } = this.#options;
    const told = (code?: number): void => {
      onAnswer?.({ method: request.method, host: new URL(connections.access.server).host, code });
    };
    try {
      const response = await this.#exchange(connections, request);
      told(response.statusCode);
      return response;
    } catch (error) {
      if (!request.isWatch || !request.signal?.aborted) told();
      throw error;
    }
  }

  #exchange({ access, requests, watches }: OpenConnections, request: Sent): Promise<Response> {
    const { origin, pathname } = new URL(access.server);
    return (request.isWatch ? watches : requests).request({
      origin,
      path: pathname === "/" ? request.path : pathname.replace(/\/$/, "") + request.path,
      method: request.method,
      headers: {
        ...(access.headers as Record<string, string | string[]>),
        accept: request.accept ?? "application/json",
        "user-agent": this.#options.userAgent,
        ...(request.body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
  }

  async #failure(error: unknown): Promise<unknown> {
    if (isClusterError(error) || error instanceof AccessError) return error;
    return errorFromConnection(error, await this.#connections.server(), this.#options.source.description);
  }
}

function answered(headers: Response["headers"], body: Buffer): Answer {
  return { contentType: textOf(headers["content-type"]) ?? "", body };
}

/** The server, or something on the way, closed the connection under a request. */
function isBrokenConnection(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
