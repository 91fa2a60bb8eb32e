import { once } from "node:events";
import { Agent, request } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type SecureVersion } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aSidecarSetObject } from "../../test/aSidecarSet.ts";
import { createAuthority, issueLeaf } from "../certificate/authority.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { CopyStore } from "../cluster/copyStore.ts";
import { systemClock } from "../cluster/environment.ts";
import { sidecarSetReader } from "../cluster/readSidecarSet.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { startWebhookServer, type WebhookServer } from "./server.ts";

const CONNECTIONS = 1_000;
const SLOW_CALLERS = 50;
const BYTE_EVERY_MS = 250;
/** Each fifth says hello by TLS and then nothing; the others not even that. */
const SAYS_HELLO = 5;
const GROUP = 100;
const TOO_MUCH = Buffer.alloc(4 * 1024 * 1024, "x");
/** The server's own limits are 10 s for a head and 15 s for a request; the rest is for a busy machine. */
const TIMEOUT_MS = 180_000;

const errors: unknown[] = [];
const environment = {
  clock: systemClock,
  random: () => 0.5,
  log: (level: string, ...said: unknown[]) => void (level === "error" && errors.push(said)),
};
let server: WebhookServer;
let authority: string;
let agent: Agent;

beforeAll(async () => {
  const issuer = await createAuthority({ commonName: "attack", now: Date.now() });
  const names = { ipAddresses: ["127.0.0.1"], now: Date.now() };
  const certificate = await issueLeaf(issuer, { commonName: "webhook", usage: "server", ...names });
  authority = issuer.certificate;
  agent = new Agent({ ca: authority, keepAlive: true });
  const whole = <T>(object: T): T => object;
  server = await startWebhookServer({
    ...{ host: "127.0.0.1", port: 0, certificate, environment, systemNamespace: "sidecarset-system" },
    copies: {
      sidecarSets: filled(
        new CopyStore(sidecarSetReader(environment.log), () => {}),
        aSidecarSetObject() as KubeObject,
      ),
      namespaces: filled(new CopyStore(whole<KubeObject>, () => {})),
      revisions: filled(new CopyStore(whole<never>, () => {})),
    },
    cluster: { get: () => Promise.reject(new ClusterError("notFound", "none")) },
  });
});

afterAll(async () => {
  agent.destroy();
  await server.close();
});

describe("while others attack, a pod gets its sidecar every time, over a kept connection and over a new one", () => {
  it(
    `${CONNECTIONS} connections that are open and silent; in the end the server lets them go`,
    async () => {
      const silent = async (): Promise<void> => {
        const gone: Promise<void>[] = [];
        // In groups: what does not fit into the queue of the kernel would be dropped there, and never get to us.
        for (let opened = 0; opened < CONNECTIONS; opened += GROUP) {
          const sockets = Array.from({ length: GROUP }, (_, index) =>
            index % SAYS_HELLO === 0 ? silentTls() : silentTcp(),
          );
          gone.push(allLetGo(sockets));
          await Promise.all(sockets.map((socket) => once(socket, "connect")));
        }
        await Promise.all(gone);
      };
      await keepsServing("silent connections", silent);
    },
    TIMEOUT_MS,
  );

  it(
    "callers who send a head, or a body, byte by byte; the server lets them go",
    async () => {
      const begin = (): Socket[] => [slowly(HEAD_BEGUN), slowly(BODY_BEGUN)];
      await keepsServing("slow callers", () => allLetGo(Array.from({ length: SLOW_CALLERS }, begin).flat()));
    },
    TIMEOUT_MS,
  );

  it(
    "bodies over the limit, which are refused by size",
    async () => {
      const codes = async (): Promise<readonly number[]> => {
        const found: number[] = [];
        for (let call = 0; call < 20; call++) found.push(await post(TOO_MUCH, call % 2 === 0));
        return found;
      };
      const refused = await keepsServing("bodies over the limit", codes);
      expect(new Set(refused)).toEqual(new Set([413]));
    },
    TIMEOUT_MS,
  );

  it(
    "bytes that are no TLS",
    async () => {
      const garbage = (_: unknown, index: number): Socket => {
        const socket = silentTcp();
        socket.end(Buffer.from(`\u0016\u0003\u0001${index}${"\u00ff".repeat(index)}`, "latin1"));
        return socket;
      };
      await keepsServing("garbage", () => allLetGo(Array.from({ length: 200 }, garbage)));
    },
    TIMEOUT_MS,
  );
});

describe("TLS", () => {
  it.each(["TLSv1", "TLSv1.1"] as const)("%s is refused", async (version) => {
    await expect(handshake(version)).rejects.toThrow(/protocol version/);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("%s is spoken", async (version) => {
    expect(await handshake(version)).toBe(version);
  });
});

/** @returns what the attack came to; until then every pod has got its sidecar */
async function keepsServing<T>(what: string, attack: () => Promise<T>): Promise<T> {
  const before = await served((count) => count < 50);
  let over = false;
  const ended = attack().finally(() => {
    over = true;
  });
  const begun = performance.now();
  const during = await served((count) => count < 50 || !over);
  const result = await ended;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  expect(errors).toEqual([]);
  console.log(
    `${what} for ${seconds} s: ${during.length} admissions, all answered, median ${median(during)} ms (before: ${median(before)} ms)`,
  );
  return result;
}

/** One admission after the other. @returns how long each took, in milliseconds */
async function served(goesOn: (count: number) => boolean): Promise<readonly number[]> {
  const took: number[] = [];
  while (goesOn(took.length)) {
    const started = performance.now();
    expect(await admission(took.length % 2 ? agent : false)).toContain("patch");
    took.push(performance.now() - started);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return took;
}

function median(times: readonly number[]): string {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!.toFixed(1);
}

function admission(connection: Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const where = { host: "127.0.0.1", port: server.port, path: "/mutate-pods", method: "POST" };
    const call = request({ ...where, headers, agent: connection, ca: authority }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.once("end", () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}`))));
    });
    call.once("error", reject);
    call.end(REVIEW);
  });
}

/** @returns the status code */
function post(body: Buffer, saysLength: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", ...(saysLength && { "content-length": body.length }) };
    const where = { host: "127.0.0.1", port: server.port, path: "/mutate-pods", method: "POST" };
    const call = request({ ...where, headers, agent: false, ca: authority }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
    });
    call.once("error", reject);
    call.end(body);
  });
}

function silentTcp(): Socket {
  return quiet(connectTcp({ host: "127.0.0.1", port: server.port }));
}

function silentTls(): Socket {
  return quiet(connectTls({ host: "127.0.0.1", port: server.port, ca: authority }));
}

/** Says how it begins at once, and the rest a byte at a time. */
function slowly(beginning: string): Socket {
  const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: authority }, () => socket.write(beginning));
  const trickle = setInterval(() => void (socket.writable && socket.write("x")), BYTE_EVERY_MS);
  socket.once("close", () => clearInterval(trickle));
  return quiet(socket);
}

function quiet(socket: Socket): Socket {
  socket.on("error", () => {});
  return socket.resume();
}

async function allLetGo(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => once(socket, "close")));
}

function handshake(version: SecureVersion): Promise<string | null> {
  // Our own side would refuse the old ones before the server could.
  const old: ConnectionOptions = { minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0" };
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: authority, ...old }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

const HEAD_BEGUN = "POST /mutate-pods HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const BODY_BEGUN =
  "POST /mutate-pods HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
const REVIEW = JSON.stringify({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "u-1",
    operation: "CREATE",
    resource: { group: "", version: "v1", resource: "pods" },
    namespace: "default",
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { generateName: "web-", labels: { app: "web" } },
      spec: { containers: [{ name: "app", image: "app:1" }] },
    },
  },
});

function filled<R extends KubeObject, T>(store: CopyStore<R, T>, ...objects: readonly R[]): CopyStore<R, T> {
  const staged = store.stage();
  for (const object of objects) store.addTo(staged, object);
  store.replace(staged);
  return store;
}
