import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { type AddressInfo, connect as connectTcp, createServer as createLine, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import { PODS } from "../../src/cluster/resource.ts";
import { connect, connectTo, type KubeApi } from "../../src/kubeapi/connect.ts";
import { CONNECTIONS } from "../../src/kubeapi/dispatchers.ts";
import { startConnectProxy } from "./connectProxy.ts";

const VERSION = '{"gitVersion":"v1.36.3"}';
const NO_PODS = '{"metadata":{"resourceVersion":"3"},"items":[]}';
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe("through a proxy", () => {
  it.each<[string, (proxy: string) => { cluster?: object; variables?: Record<string, string> }]>([
    ["proxy-url of the kubeconfig", (proxy) => ({ cluster: { "proxy-url": proxy } })],
    ["HTTPS_PROXY", (proxy) => ({ variables: { HTTPS_PROXY: proxy } })],
    [
      "proxy-url before HTTPS_PROXY",
      (proxy) => ({ cluster: { "proxy-url": proxy }, variables: { HTTPS_PROXY: "http://127.0.0.1:1" } }),
    ],
  ])("%s: requests and watches reach a server that only the proxy knows", async (_case, settings) => {
    const server = await serve((request, response) => {
      if (request.url?.includes("watch=true"))
        response.end('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n');
      else response.end(request.url === "/version" ? VERSION : NO_PODS);
    });
    const proxy = await startConnectProxy(server.port);
    undo.push(() => proxy.close());
    const { cluster = {}, variables = {} } = settings(proxy.url.replace("//", "//user:secret@"));
    const api = await connect({ kubeconfig: writeKubeconfig(server.ca, cluster), variables });
    undo.push(() => api.close());
    expect(await api.list(PODS)).toEqual({ resourceVersion: "3", items: [] });
    const events = api.watch(PODS, { signal: new AbortController().signal })[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ type: "BOOKMARK", resourceVersion: "9" });
    expect(new Set(proxy.targets)).toEqual(new Set(["api.cluster.test:6443"]));
    expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${Buffer.from("user:secret").toString("base64")}`]));
  });
});

describe("connections", () => {
  it("what is read is asked again on a broken connection, also in the middle of the answer; what is written is not", async () => {
    const asked: string[] = [];
    const server = await serve((request, response) => {
      if (request.url === "/version") return response.end(VERSION);
      asked.push(request.method ?? "");
      if (asked.length % 3 === 1) return request.socket.destroy();
      if (asked.length % 3 === 0) return response.end(NO_PODS);
      response.writeHead(200, { "content-length": NO_PODS.length });
      response.write(NO_PODS.slice(0, 10), () => request.socket.destroy());
    });
    const api = await open(server);
    expect((await api.list(PODS)).resourceVersion).toBe("3");
    expect(asked).toEqual(["GET", "GET", "GET"]);
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "ns-1", name: "a" } };
    await expect(api.create(PODS, pod)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(api.update(PODS, pod)).rejects.toMatchObject({ kind: "unavailable" });
    expect(asked.slice(3)).toEqual(["POST", "PUT"]);
  });

  it("a hundred requests at once share a bounded number of connections, which are kept", async () => {
    const server = await serve((request, response) => response.end(request.url === "/version" ? VERSION : NO_PODS));
    const api = await open(server);
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 100 }, () => api.list(PODS)));
    expect(server.connections.length).toBeLessThanOrEqual(CONNECTIONS);
  });

  it("watches that come and go leave no socket behind", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/version") return response.end(VERSION);
      response.write('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}\n');
    });
    const api = await open(server);
    for (let round = 0; round < 20; round++) {
      const watch = new AbortController();
      const events = api.watch(PODS, { signal: watch.signal })[Symbol.asyncIterator]();
      await events.next();
      watch.abort();
      expect((await events.next()).done).toBe(true);
    }
    const open_ = (): number => server.connections.filter((socket) => !socket.destroyed).length;
    while (open_() > 1) await new Promise((resolve) => server.server.once("gone", resolve));
    expect(server.connections.length).toBeGreaterThan(1);
  });

  it("a write tells the server how long it may take, and resets its connection when it is given up", async () => {
    const asked: string[] = [];
    const server = await serve((request, response) => {
      if (request.url === "/version") return response.end(VERSION);
      asked.push(`${request.method} ${new URL(request.url ?? "", "https://server").searchParams.get("timeout")}`);
      server.server.emit("asked");
    });
    const line = await relay(server.port, (code) => server.server.emit("given up", code));
    const api = await open({ ...server, port: line });
    const name = { namespace: "ns-1", name: "a" };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: name };
    type Limit = { readonly signal: AbortSignal; readonly timeoutMs: number };
    const writes: ((limit: Limit) => Promise<unknown>)[] = [
      (limit) => api.create(PODS, pod, limit),
      (limit) => api.update(PODS, pod, limit),
      (limit) => api.patch(PODS, name, { type: "merge", patch: {} }, limit),
      (limit) => api.delete(PODS, name, limit),
    ];
    for (const write of writes) {
      const { signal, abort } = abortable();
      const [arrived, givenUp] = ["asked", "given up"].map((event) => once(server.server, event));
      const refused = expect(write({ signal, timeoutMs: 1_234.5 })).rejects.toMatchObject({ kind: "unavailable" });
      await arrived;
      abort();
      await refused;
      expect(await givenUp).toEqual(["ECONNRESET"]);
    }
    expect(asked).toEqual(["POST 1234ms", "PUT 1234ms", "PATCH 1234ms", "DELETE 1234ms"]);
  });

  it("closing cuts what is under way, and ends", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/version") response.end(VERSION);
      else server.server.emit("asked");
    });
    const api = await open(server);
    const asked = once(server.server, "asked");
    const cut = expect(api.list(PODS)).rejects.toMatchObject({ kind: "unavailable" });
    await asked;
    await Promise.all([cut, api.close()]);
  });

  it("takes a date for Retry-After, as proxies send it", async () => {
    const now = Date.parse("2026-07-01T00:00:00Z");
    const server = await serve((request, response) => {
      if (request.url === "/version") return response.end(VERSION);
      response.writeHead(503, { "retry-after": "Wed, 01 Jul 2026 00:00:12 GMT" }).end();
    });
    const clock = { now: () => now, after: () => () => {} };
    const api = await open(server, { clock });
    await expect(api.list(PODS)).rejects.toMatchObject({ kind: "unavailable", retryAfterSeconds: 12 });
  });
});

function abortable(): { readonly signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** Bytes alone, as a router sees them. @param ended how the client has ended a connection */
async function relay(port: number, ended: (code: string) => void): Promise<number> {
  const line = createLine((near) => {
    const far = connectTcp(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.on("error", ({ code = "" }: NodeJS.ErrnoException) => ended(code));
    near.on("end", () => ended("closed"));
    near.on("close", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  undo.push(() => line.close());
  return (line.address() as AddressInfo).port;
}

interface Served {
  readonly ca: string;
  readonly port: number;
  readonly server: Server;
  /** All that there ever were. */
  readonly connections: readonly Socket[];
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Served> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "authority", now });
  const names = { dnsNames: ["api.cluster.test"], ipAddresses: ["127.0.0.1"] };
  const leaf = await issueLeaf(authority, { commonName: "api", usage: "server", ...names, now });
  const server = createServer({ cert: leaf.certificate, key: leaf.privateKey }, answer);
  // On a busy machine five seconds pass between two requests.
  server.keepAliveTimeout = 60_000;
  const connections: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    connections.push(socket);
    socket.on("close", () => server.emit("gone"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ca: authority.certificate, port: (server.address() as AddressInfo).port, server, connections };
}

async function open({ ca, port }: Served, options: Parameters<typeof connectTo>[1] = {}): Promise<KubeApi> {
  const access = { server: `https://127.0.0.1:${port}`, tls: { ca }, headers: {} };
  const api = await connectTo({ description: "a server", read: async () => access }, options);
  undo.push(() => api.close());
  return api;
}

function writeKubeconfig(ca: string, cluster: object): string {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const data = {
    server: "https://api.cluster.test:6443",
    "certificate-authority-data": Buffer.from(ca).toString("base64"),
  };
  const config = {
    "current-context": "dev",
    contexts: [{ name: "dev", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { ...data, ...cluster } }],
    users: [{ name: "u", user: {} }],
  };
  writeFileSync(join(folder, "config"), JSON.stringify(config));
  return join(folder, "config");
}
