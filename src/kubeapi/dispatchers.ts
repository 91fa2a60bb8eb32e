import { createSecureContext, type SecureContext } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Access } from "./access.ts";
import { resettingConnector } from "./resettingConnector.ts";

/** Requests share a pool of kept connections; each watch has a connection of its own, which may stay silent. */
export interface Dispatchers {
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

/** More than writes to pods may ever be under way, so that others do not wait behind them; opened when they are needed. */
export const CONNECTIONS = 72;
const CONNECT_TIMEOUT_MS = 10_000;
const WATCH_HEADERS_TIMEOUT_MS = 30_000;
const IDLE_MS = 30_000;

/**
 * The HTTP parser is WebAssembly, compiled with the first connection. Compiling it once more, optimised, takes ten megabytes that the
 * process never gives back.
 */
for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);

/** @param requestTimeoutMs how long the server may take for its answer, and for any pause within it */
export function openDispatchers({ server, tls, proxyUrl }: Access, requestTimeoutMs: number): Dispatchers {
  const connect = {
    ...tls,
    ...once(server, tls),
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: IDLE_MS,
  };
  const forRequests = {
    connections: CONNECTIONS,
    pipelining: 1,
    headersTimeout: requestTimeoutMs,
    bodyTimeout: requestTimeoutMs,
    keepAliveTimeout: IDLE_MS,
  };
  const forWatches = { pipelining: 1, headersTimeout: WATCH_HEADERS_TIMEOUT_MS, bodyTimeout: 0 };
  if (proxyUrl === undefined) {
    return {
      requests: new Pool(new URL(server).origin, { ...forRequests, connect: resettingConnector(connect) }),
      watches: new Agent({ ...forWatches, connect }),
    };
  }
  const proxy = { uri: proxyUrl, requestTls: connect };
  return {
    requests: new ProxyAgent({ ...forRequests, ...proxy }),
    watches: new ProxyAgent({ ...forWatches, ...proxy }),
  };
}

/** Certificates and keys are read once and not for each connection: a watch that comes back costs half as much. */
function once(server: string, tls: Access["tls"]): { readonly secureContext?: SecureContext } {
  return server.startsWith("https:") ? { secureContext: createSecureContext(tls) } : {};
}
