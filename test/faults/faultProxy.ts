import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as forward, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { KeyPair } from "../../src/certificate/authority.ts";
import type { Access } from "../../src/kubeapi/access.ts";
import type { Draws } from "../fuzz/draws.ts";
import { type Asked, askedBy, CHANCES } from "./asked.ts";
import { type Fault, FaultCounts } from "./faults.ts";
import { refuse, refuseStreaming } from "./refusal.ts";
import { formatOf } from "./watchFormat.ts";
import { relayWatch, sendInPieces, type WatchFault } from "./watchRelay.ts";

export interface FaultProxyOptions {
  /** The API server behind, as its administrator reaches it. */
  readonly upstream: Access;
  /** Of the proxy itself. */
  readonly certificate: KeyPair;
  readonly draws: Draws;
}

/** Who asks under this name finds a server that does not stream states. */
export const OLD_SERVER = "finds an old server";

const REMEMBERED_EVENTS = 6;

/**
 * Stands between clients and an API server, over TLS on both sides, and does damage at random until it is told to be calm. It invents no
 * object: it refuses, breaks, delays, cuts and repeats.
 */
export class FaultProxy {
  readonly counts = new FaultCounts();
  /** How often each POST and PATCH arrived here, by what it said. */
  readonly writes = new Map<string, number>();
  /** Moves with whatever comes or goes, so that one can tell when nothing does. */
  activity = 0;
  readonly #options: FaultProxyOptions;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #sockets = new Set<Socket>();
  readonly #lastEvents = new Map<string, Buffer[]>();
  readonly #handshaking = new Set<number | undefined>();
  readonly #unanswered = new Set<ServerResponse>();
  #calm = false;
  #release: Promise<void> | undefined;

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
    const { tls } = options.upstream;
    this.#agent = new Agent({ ...tls, secureContext: createSecureContext(tls), keepAlive: true });
    const { certificate: cert, privateKey: key } = options.certificate;
    this.#server = createServer({ cert, key }, (request, response) => {
      this.#take(request, response).catch(() => response.destroy());
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      this.#handshaking.add(socket.remotePort);
      const { remotePort } = socket;
      socket.on("close", () => {
        this.#sockets.delete(socket);
        this.#handshaking.delete(remotePort);
      });
    });
    this.#server.on("secureConnection", (socket: Socket) => this.#handshaking.delete(socket.remotePort));
    this.#server.on("tlsClientError", () => {});
  }

  /** Whether somebody waits here for the beginning of an answer; that takes real time. */
  get busy(): boolean {
    return this.#handshaking.size > 0 || [...this.#unanswered].some((response) => !response.headersSent);
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** No more faults from here on; what already hangs goes on hanging. */
  becalm(): void {
    this.#calm = true;
  }

  /** From here on writes go no further than here. @returns lets them go on, those whose senders still wait for the answer */
  holdWrites(): () => void {
    let release = (): void => {};
    this.#release = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.activity++;
    this.#unanswered.add(response);
    response.on("close", () => this.#unanswered.delete(response));
    const asked = askedBy(request);
    const body = await bytesOf(request);
    if (asked.kind === "write") {
      this.#count(asked, body);
      await this.#release;
      if (response.destroyed) return;
    }
    if (asked.streamsState && asked.headers["user-agent"] === OLD_SERVER) return refuseStreaming(response);
    const fault = this.#draw(CHANCES[asked.kind]);
    switch (fault) {
      case "conflict":
      case "gone":
      case "tooManyRequests":
      case "serverError":
        this.counts.add(fault);
        return refuse(response, fault, this.#options.draws);
      case "reset":
        this.counts.add(fault);
        return this.#reset(request);
      default:
        return this.#forward(asked, body, { fault, response });
    }
  }

  #forward(asked: Asked, body: Buffer, answer: { fault: Fault | undefined; response: ServerResponse }): void {
    const { upstream } = this.#options;
    const { response } = answer;
    const { host: _host, connection: _connection, authorization: _authorization, ...headers } = asked.headers;
    const options = { method: asked.method, agent: this.#agent, headers: { ...headers, ...upstream.headers } as never };
    const outgoing = forward(new URL(asked.path, upstream.server), options, (from) => {
      const relayed = asked.kind === "watch" ? this.#watch(asked, from, answer) : this.#answer(from, answer);
      relayed.catch(() => response.destroy());
    });
    outgoing.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
    outgoing.end(body);
  }

  async #watch(
    { path, headers, continues }: Asked,
    from: IncomingMessage,
    { fault, response }: { readonly fault: Fault | undefined; readonly response: ServerResponse },
  ): Promise<void> {
    const { draws } = this.#options;
    const key = `${headers["user-agent"]} ${path.replace(/resourceVersion=\d+|timeoutSeconds=\d+/g, "")}`;
    const last = this.#lastEvents.get(key) ?? [];
    this.#lastEvents.set(key, last);
    const again = continues && last.length > 0 && this.#chance(40) ? [...last] : [];
    const slowly = this.#chance(20);
    if (again.length > 0) this.counts.add("repeated");
    if (slowly) this.counts.add("slowBytes");
    if (fault) this.counts.add(fault);
    response.writeHead(from.statusCode ?? 200, { "content-type": from.headers["content-type"] ?? "" });
    response.flushHeaders();
    await relayWatch(from, response, {
      format: formatOf(from.headers["content-type"]),
      again,
      slowly,
      ...(fault ? { fault: fault as WatchFault } : {}),
      afterEvents: draws.below(5),
      draws,
      told: (event) => {
        last.push(event);
        if (last.length > REMEMBERED_EVENTS) last.shift();
      },
      moved: () => this.activity++,
    });
  }

  async #answer(
    from: IncomingMessage,
    { fault, response }: { readonly fault: Fault | undefined; readonly response: ServerResponse },
  ): Promise<void> {
    const whole = await bytesOf(from);
    this.activity++;
    if (fault) this.counts.add(fault);
    if (fault === "silence") return;
    response.writeHead(from.statusCode ?? 200, {
      "content-type": from.headers["content-type"] ?? "",
      "content-length": whole.length,
    });
    if (fault === "truncated") {
      response.write(whole.subarray(0, whole.length / 2));
      return void setImmediate(() => response.destroy());
    }
    if (fault === "slowBytes")
      await sendInPieces(whole, response, { draws: this.#options.draws, moved: () => this.activity++ });
    response.end(fault === "slowBytes" ? undefined : whole);
  }

  #draw(chances: Partial<Readonly<Record<Fault, number>>>): Fault | undefined {
    if (this.#calm) return undefined;
    let left = this.#options.draws.below(100);
    for (const [fault, chance] of Object.entries(chances)) {
      left -= chance;
      if (left < 0) return fault as Fault;
    }
    return undefined;
  }

  #chance(percent: number): boolean {
    return !this.#calm && this.#options.draws.below(100) < percent;
  }

  /** TLS hides the connection that can be reset; it is the one with the same port at the other end. */
  #reset({ socket }: IncomingMessage): void {
    for (const raw of this.#sockets) if (raw.remotePort === socket.remotePort) raw.resetAndDestroy();
  }

  #count({ method, path }: Asked, body: Buffer): void {
    if (method === "DELETE") return; // says the same each time
    const said = `${method} ${path} ${body.toString("utf8")}`;
    this.writes.set(said, (this.writes.get(said) ?? 0) + 1);
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
