import { Agent, request } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import { ClusterError } from "../../src/cluster/clusterError.ts";
import { CopyStore } from "../../src/cluster/copyStore.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import { sidecarSetReader } from "../../src/cluster/readSidecarSet.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { startWebhookServer, type WebhookServer } from "../../src/webhook/server.ts";
import { aSidecarSetObject } from "../aSidecarSet.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { anyJson, anyText, jsonText, mutated } from "./mutation.ts";
import { INJECTING_SETS, pods, reviewOf, sidecarSets } from "./validDocuments.ts";

/** Callers that have gone are let go; waiting for more from them ends at the latest with the server's own limits. */
const LONGEST_HOLD_MS = 60_000;
const PATHS = ["/mutate-pods", "/mutate-sidecarsets", "/validate-sidecarsets", "/livez", "/readyz", "/metrics"];
const JSON_TYPE = "application/json";

const failures: unknown[] = [];
const environment = {
  clock: systemClock,
  random: () => 0.5,
  log: (level: string, ...said: unknown[]) => void (level === "error" && failures.push(said)),
};
let server: WebhookServer;
let agent: Agent;
let authority: string;
/** Of an earlier connection: with it the next one costs a third. */
let session: Buffer | undefined;

beforeAll(async () => {
  const issuer = await createAuthority({ commonName: "fuzz", now: Date.now() });
  const names = { ipAddresses: ["127.0.0.1"], now: Date.now() };
  const certificate = await issueLeaf(issuer, { commonName: "webhook", usage: "server", ...names });
  authority = issuer.certificate;
  agent = new Agent({ ca: authority, keepAlive: true });
  server = await startWebhookServer({
    host: "127.0.0.1",
    port: 0,
    certificate,
    copies: {
      sidecarSets: filled(new CopyStore(sidecarSetReader(environment.log), () => {}), [
        ...INJECTING_SETS.map((spec, index) => aSidecarSetObject(spec, { name: `set-${index}` }) as KubeObject),
      ]),
      namespaces: filled(
        new CopyStore(
          (object: KubeObject) => object,
          () => {},
        ),
        [],
      ),
      revisions: filled(
        new CopyStore(
          (object: never) => object,
          () => {},
        ),
        [],
      ),
    },
    cluster: { get: () => Promise.reject(new ClusterError("notFound", "none")) },
    environment,
    systemNamespace: "sidecarset-system",
  });
});

afterAll(async () => {
  agent.destroy();
  await server.close();
});

const bodies = fc.oneof(
  mutated(pods.map((pod) => reviewOf("pods", pod))),
  mutated(sidecarSets.map((set) => reviewOf("sidecarsets", set))),
  anyJson.map(jsonText),
  anyText,
  fc.uint8Array({ maxLength: 200 }),
);
const requests = fc.record({
  method: fc.constantFrom("POST", "POST", "POST", "GET", "HEAD", "PUT", "OPTIONS", "PATCH"),
  path: fc.oneof(
    fc.constantFrom(...PATHS),
    fc.constantFrom("/", "//", "/%00", "/?timeout=5s", "/mutate-pods?timeout=1s&", "/__proto__"),
  ),
  type: fc.constantFrom(JSON_TYPE, JSON_TYPE, `${JSON_TYPE}; charset=utf-8`, "text/xml", ""),
  body: bodies,
});

const pieces = fc.oneof(
  fc.constantFrom(...PATHS.map((path) => `POST ${path} HTTP/1.1\r\n`)),
  fc.constantFrom(
    "GET /livez HTTP/1.1\r\n",
    "GET / HTTP/9.9\r\n",
    "CONNECT x:1 HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ),
  fc.constantFrom("Host: x\r\n", `Content-Type: ${JSON_TYPE}\r\n`, "Connection: upgrade\r\nUpgrade: websocket\r\n"),
  fc.constantFrom(
    "Content-Length: 5\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 5, 6\r\n",
    "Content-Length: 99999999999\r\n",
  ),
  fc.constantFrom(
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "__proto__: 1\r\n",
    `X: ${"x".repeat(20_000)}\r\n`,
  ),
  fc.constantFrom(
    "\r\n",
    "\r\n\r\n",
    "5\r\nabcde\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "{}",
    '{"a"',
    "\0",
    "\u0016\u0003\u0001",
  ),
  fc.uint8Array({ maxLength: 100 }),
);
const conversations = fc.record({
  encrypted: fc.boolean(),
  sent: fc.array(pieces, { minLength: 1, maxLength: 8 }),
  leaves: fc.constantFrom("at once", "politely"),
});

describe("whatever comes over the wire", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("a request is answered, and never as a failure of ours", () => {
    return fuzz(requests, async ({ method, path, type, body }) => {
      const code = await send({ method, path, headers: type === "" ? {} : { "content-type": type } }, body);
      expect([200, 400, 404, 405, 413, 415]).toContain(code);
      expect(failures).toEqual([]);
    });
  });

  it("bytes that are no request, and callers who hang up, leave the server alive", () => {
    return fuzz(conversations, async (conversation) => {
      await converse(conversation);
      expect(await send({ method: "GET", path: "/livez" })).toBe(200);
      expect(failures).toEqual([]);
    });
  });
});

function send(
  options: { readonly method: string; readonly path: string; readonly headers?: Record<string, string> },
  body?: string | Uint8Array,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...options, host: "127.0.0.1", port: server.port, agent }, (incoming) => {
      incoming.resume();
      incoming.once("error", reject);
      incoming.once("end", () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

/** Settles when the connection is closed on our side; the server may refuse or close it whenever it likes. */
function converse({
  encrypted,
  sent,
  leaves,
}: typeof conversations extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const to = { host: "127.0.0.1", port: server.port };
  return new Promise((resolve, reject) => {
    const say = () => {
      for (const piece of sent) socket.write(piece);
      if (leaves === "politely") socket.end();
      else socket.write("", () => socket.destroy());
    };
    const socket: Socket = encrypted ? connectTls({ ...to, ca: authority, session }, say) : connectTcp(to, say);
    const tooLong = setTimeout(() => reject(new Error("a caller who has gone is held on to")), LONGEST_HOLD_MS);
    socket.resume();
    socket.on("error", () => {});
    socket.once("session", (given: Buffer) => {
      session = given;
    });
    socket.once("close", () => {
      clearTimeout(tooLong);
      resolve();
    });
  });
}

function filled<R extends KubeObject, T>(store: CopyStore<R, T>, objects: readonly R[]): CopyStore<R, T> {
  const staged = store.stage();
  for (const object of objects) store.addTo(staged, object);
  store.replace(staged);
  return store;
}
