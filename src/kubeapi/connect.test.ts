import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import { PODS } from "../cluster/resource.ts";
import { AccessError } from "./access.ts";
import { connect, type KubeApi } from "./connect.ts";

let folder: string;
let server: Server | undefined;
let api: KubeApi | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});

afterEach(async () => {
  await api?.close();
  server?.closeAllConnections();
  server?.close();
  api = server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe("settings that lead nowhere are named", () => {
  it.each<[string, object | undefined, RegExp]>([
    ["a file that is not there", undefined, /^kubeconfig .*config: no such file$/],
    ["a file that is no kubeconfig", { clusters: "x", contexts: 7 }, /config has no current-context/],
    ["a context that is not defined", kubeconfig({ context: "other" }), /has no context "other" \(there are: dev\)$/],
    [
      "a cluster that is not defined",
      kubeconfig({ cluster: "gone" }),
      /uses cluster "gone", which is not defined there$/,
    ],
    ["a user that is not defined", kubeconfig({ user: "nobody" }), /uses user "nobody", which is not defined there$/],
  ])("%s", async (_case, content, message) => {
    const failure = await connectWith(content).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AccessError);
    expect((failure as Error).message).toMatch(message);
  });

  it("a server that is not there: one message with its address, its source and the cause", async () => {
    await expect(connectWith(kubeconfig({ server: "https://127.0.0.1:1" }))).rejects.toMatchObject({
      kind: "unavailable",
      message: `cannot reach the API server at https://127.0.0.1:1 (kubeconfig ${join(folder, "config")}, context "dev"): connection refused, nothing listens there`,
    });
  });

  it("a server that does not speak TLS", async () => {
    const address = await serve((_request, response) => response.end());
    await expect(connectWith(kubeconfig({ server: address.replace("http:", "https:") }))).rejects.toThrow(
      "it does not speak TLS",
    );
  });

  it("no kubeconfig and no pod", async () => {
    await expect(connect({ variables: { HOME: folder } })).rejects.toThrow("no cluster to talk to");
  });
});

describe("connection", () => {
  it("takes the first of several kubeconfig files that exists, and another context on request", async () => {
    const address = await serve((_request, response) => response.end('{"gitVersion":"v1.36.3"}'));
    writeConfig(kubeconfig({ server: address }));
    const variables = { KUBECONFIG: `${join(folder, "missing")}:${join(folder, "config")}` };
    api = await connect({ variables, context: "dev" });
    expect(api.serverVersion).toBe("v1.36.3");
    expect(api.source).toBe(`kubeconfig ${join(folder, "config")}, context "dev"`);
  });

  it("refused as unauthorized, it reads the renewed token and asks again", async () => {
    writeFileSync(join(folder, "token"), "stale");
    const seen: (string | undefined)[] = [];
    const address = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === "/version") return response.end('{"gitVersion":"v1"}');
      response.statusCode = request.headers.authorization === "Bearer fresh" ? 200 : 401;
      response.end('{"metadata":{"resourceVersion":"3"},"items":null}');
    });
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "sh", args: ["-c", execPlugin(folder)] };
    api = await connectWith(kubeconfig({ server: address, userSettings: { exec } }));
    writeFileSync(join(folder, "token"), "fresh");
    expect(await api.list(PODS)).toEqual({ resourceVersion: "3", items: [] });
    expect(seen).toEqual(["Bearer stale", "Bearer stale", "Bearer fresh"]);
  });

  it("many requests that find the access old at once read it once", async () => {
    writeFileSync(join(folder, "token"), "any");
    const address = await serve((request, response) => {
      response.end(request.url === "/version" ? '{"gitVersion":"v1"}' : '{"metadata":{},"items":[]}');
    });
    const reads = join(folder, "reads");
    const command = `echo read >> ${reads}; ${execPlugin(folder)}`;
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "sh", args: ["-c", command] };
    writeConfig(kubeconfig({ server: address, userSettings: { exec } }));
    const clock = new VirtualClock();
    const connected = await connect({ kubeconfig: join(folder, "config"), variables: {}, clock });
    api = connected;
    await clock.advance(61_000);
    await Promise.all(Array.from({ length: 5 }, () => connected.list(PODS)));
    expect(readFileSync(reads, "utf8")).toBe("read\nread\n");
  });

  it("tells how long the server wants us to wait", async () => {
    const address = await serve((request, response) => {
      if (request.url === "/version") return response.end('{"gitVersion":"v1"}');
      response.writeHead(429, { "retry-after": "9" }).end("too many requests, slow down\nsecond line");
    });
    api = await connectWith(kubeconfig({ server: address }));
    await expect(api.list(PODS)).rejects.toMatchObject({
      kind: "tooManyRequests",
      retryAfterSeconds: 9,
      message: "the server answered 429: too many requests, slow down",
    });
  });

  it("a watch that is cut in mid-line fails as unavailable, one that is aborted just ends", async () => {
    let open: ServerResponse | undefined;
    const address = await serve((request, response) => {
      if (request.url === "/version") return response.end('{"gitVersion":"v1"}');
      open = response;
      response.write('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}\n{"type":"ADD');
    });
    api = await connectWith(kubeconfig({ server: address }));
    const cut = api.watch(PODS, { signal: new AbortController().signal })[Symbol.asyncIterator]();
    expect(await cut.next()).toEqual({ done: false, value: { type: "BOOKMARK", resourceVersion: "5" } });
    open?.destroy();
    await expect(cut.next()).rejects.toMatchObject({ kind: "unavailable" });

    const controller = new AbortController();
    const aborted = api.watch(PODS, { signal: controller.signal })[Symbol.asyncIterator]();
    await aborted.next();
    controller.abort();
    expect((await aborted.next()).done).toBe(true);
  });
});

async function connectWith(content: object | undefined): Promise<KubeApi> {
  if (content) writeConfig(content);
  return connect({ kubeconfig: join(folder, "config"), variables: {} });
}

function writeConfig(content: object): void {
  writeFileSync(join(folder, "config"), JSON.stringify(content));
}

interface KubeconfigSettings {
  readonly server?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly userSettings?: object;
}

function kubeconfig(settings: KubeconfigSettings): object {
  const { server = "https://127.0.0.1:1", context = "dev", cluster = "c", user = "u", userSettings = {} } = settings;
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [{ name: "dev", context: { cluster, user } }],
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user: userSettings }],
  };
}

/** Prints an already expired credential, so that it is asked for each time. */
function execPlugin(where: string): string {
  const status = { token: "'$(cat TOKEN)'", expirationTimestamp: "2020-01-01T00:00:00Z" };
  const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
  return `echo '${JSON.stringify(credential).replace("TOKEN", join(where, "token"))}'`;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
