import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import type { Environment } from "../../src/cluster/environment.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { Access } from "../../src/kubeapi/access.ts";
import { connectTo, type KubeApi } from "../../src/kubeapi/connect.ts";
import { CONFIG_MAPS } from "../contract/fixtures.ts";
import { Draws } from "../fuzz/draws.ts";
import type { VirtualClock } from "../virtualClock.ts";
import { FaultProxy, OLD_SERVER } from "./faultProxy.ts";
import { WatchedCopy } from "./watchedCopy.ts";
import { Writer } from "./writer.ts";

export interface BadLineOptions {
  /** The API server itself. */
  readonly upstream: Access;
  readonly namespace: string;
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Lets sockets go on. Virtual time moves only when they have nothing more to say. */
  readonly turn: () => Promise<unknown>;
}

/** Turns of the event loop without a byte after which nothing is taken to be under way. */
const IDLE_TURNS = 2;
const SHORTEST_STEP_MS = 300;
const LONGEST_STEP_MS = 20_000;
const REQUEST_TIMEOUT_MS = 250;

/** Local copies of a cluster behind the proxy, and a writer who changes it, in a time that passes only while nothing else happens. */
export class BadLine {
  readonly proxy: FaultProxy;
  readonly copies: readonly WatchedCopy[];
  readonly writer: Writer;
  readonly messages = new Map<string, number>();
  readonly #options: BadLineOptions;
  readonly #clients: readonly KubeApi[];
  readonly #stop: AbortController;

  static async open(options: BadLineOptions): Promise<BadLine> {
    const now = Date.now();
    const authority = await createAuthority({ commonName: "bad line", now });
    const leaf = { commonName: "bad line", usage: "server", ipAddresses: ["127.0.0.1"], now } as const;
    const certificate = await issueLeaf(authority, leaf);
    const proxy = await FaultProxy.start({ upstream: options.upstream, certificate, draws: new Draws(options.seed) });
    const connect = (userAgent: string): Promise<KubeApi> =>
      untilItWorks(() =>
        connectTo(
          {
            description: "the bad line",
            read: async () => ({ server: proxy.url, tls: { ca: authority.certificate }, headers: {} }),
          },
          { clock: options.clock, requestTimeoutMs: REQUEST_TIMEOUT_MS, userAgent },
        ),
      );
    return new BadLine(options, proxy, [await connect("streams"), await connect(OLD_SERVER), await connect("writer")]);
  }

  private constructor(options: BadLineOptions, proxy: FaultProxy, clients: readonly [KubeApi, KubeApi, KubeApi]) {
    const { clock, namespace, seed } = options;
    const draws = new Draws(seed + 1);
    this.#options = options;
    this.#clients = clients;
    this.#stop = new AbortController();
    this.proxy = proxy;
    const environment: Environment = {
      clock,
      // Short waits more often than long ones, so that more happens.
      random: () => (draws.below(1_000) / 1_000) ** 8,
      log: (_level, message) => this.messages.set(message, (this.messages.get(message) ?? 0) + 1),
    };
    const [streams, lists, writes] = clients;
    const { signal } = this.#stop;
    const common = { environment, signal, namespace, pageSize: 4 };
    const kinds = [CONFIG_MAPS, PODS];
    this.copies = [streams, lists].flatMap((cluster) =>
      kinds.map((type) => new WatchedCopy({ ...common, cluster, type })),
    );
    this.writer = new Writer({ cluster: writes, kinds, namespace, clock, draws: new Draws(seed + 2), signal });
  }

  /** Lets everything go on until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    let stepMs = SHORTEST_STEP_MS;
    while (!condition()) {
      const before = this.proxy.activity;
      for (let turn = 0; turn < IDLE_TURNS; turn++) await this.#options.turn();
      if (this.proxy.activity !== before || this.proxy.busy) {
        stepMs = SHORTEST_STEP_MS;
        continue;
      }
      await this.#options.clock.advance(stepMs);
      stepMs = Math.min(2 * stepMs, LONGEST_STEP_MS);
    }
  }

  /** So much virtual time. */
  async pass(ms: number): Promise<void> {
    const end = this.#options.clock.now() + ms;
    await this.until(() => this.#options.clock.now() >= end);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.proxy.close();
  }
}

/** Asking for the version, too, goes over the bad line. */
async function untilItWorks<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      // Again: the line is bad.
    }
  }
}
