import type { Clock } from "../cluster/environment.ts";
import type { Access, AccessSource } from "./access.ts";
import type { Dispatchers } from "./dispatchers.ts";

export interface ConnectionsOptions {
  readonly source: AccessSource;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
}

/** The open connections, and the access they were opened with. */
export interface OpenConnections extends Dispatchers {
  readonly access: Access;
  readonly readAt: number;
}

const REREAD_MS = 60_000;

/** Access read again every minute and when it was refused; new connections when it leads elsewhere or proves us by another certificate. */
export class Connections {
  readonly #options: ConnectionsOptions;
  #open: Promise<OpenConnections> | undefined;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  async current(): Promise<OpenConnections> {
    const open = await this.#opened();
    return this.#options.clock.now() - open.readAt < REREAD_MS ? open : this.renewed(open);
  }

  /** Many requests may find the access old at once; the first reads it, the others wait for that. */
  async renewed(old: OpenConnections, why?: "refused"): Promise<OpenConnections> {
    const known = this.#opened();
    const open = await known;
    if (open !== old) return open;
    if (known !== this.#open) return this.#opened(); // somebody else has begun meanwhile
    // What cannot be read at the moment is used as it was: the server decides whether it still counts.
    const renewed = this.#openFrom(old, why).catch(() => ({ ...old, readAt: this.#options.clock.now() }));
    this.#open = renewed;
    return renewed;
  }

  /** For messages; never rejects. */
  async server(): Promise<string> {
    const open = await this.#open?.catch(() => undefined);
    return open?.access.server ?? "(unknown)";
  }

  async close(): Promise<void> {
    const open = await this.#open?.catch(() => undefined);
    this.#open = undefined;
    if (open) await Promise.all([open.requests.destroy(), open.watches.destroy()]);
  }

  #opened(): Promise<OpenConnections> {
    this.#open ??= this.#openFrom(undefined).catch((error: unknown) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }

  async #openFrom(old: OpenConnections | undefined, why?: "refused"): Promise<OpenConnections> {
    const { source, clock, requestTimeoutMs } = this.#options;
    const access = await source.read(why);
    const readAt = clock.now();
    if (old && sameEndpoint(access, old.access)) return { ...old, access, readAt };
    // Commands that never talk to a cluster do not pay for the HTTP client.
    const { openDispatchers } = await import("./dispatchers.ts");
    const opened = { access, readAt, ...openDispatchers(access, requestTimeoutMs) };
    // Requests under way on the old connections finish; its watches are reconnected by those who follow them.
    if (old) void Promise.all([old.requests.close(), old.watches.destroy()]);
    return opened;
  }
}

export function sameIdentity(a: Access, b: Access): boolean {
  return sameEndpoint(a, b) && JSON.stringify(a.headers) === JSON.stringify(b.headers);
}

function sameEndpoint(a: Access, b: Access): boolean {
  return JSON.stringify([a.server, a.tls, a.proxyUrl]) === JSON.stringify([b.server, b.tls, b.proxyUrl]);
}
