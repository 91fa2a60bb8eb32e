import { request as requestHttps } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "../../certificate/authority.ts";
import { systemClock } from "../../cluster/environment.ts";
import { PODS } from "../../cluster/resource.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { ApiServer } from "../apiServer.ts";
import { inMemoryCluster } from "../inMemoryCluster.ts";
import { type HttpsDoor, serveHttps } from "./serveHttps.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const TOKEN = "secret";

interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: () => Readonly<Record<string, unknown>>;
}

const open: HttpsDoor[] = [];
afterEach(async () => {
  for (const door of open.splice(0)) await door.close();
});

async function aDoor(): Promise<{ door: HttpsDoor; server: ApiServer; ca: string; ask: Ask }> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "test", now });
  const certificate = await issueLeaf(authority, {
    commonName: "api",
    usage: "server",
    ipAddresses: ["127.0.0.1"],
    now,
  });
  const server = new ApiServer({ environment: { clock: systemClock, random: Math.random, log: () => {} } });
  const tokens = { [TOKEN]: { username: "admin", groups: ["system:masters"] } };
  const door = await serveHttps(server, { port: 0, certificate, tokens });
  open.push(door);
  return { door, server, ca: authority.certificate, ask: asker(door.url, authority.certificate) };
}

type Ask = (
  path: string,
  options?: { method?: string; headers?: Record<string, string>; body?: string; onLine?: (line: string) => void },
) => Promise<Answer>;

function asker(url: string, ca: string): Ask {
  return (path, { method = "GET", headers = {}, body, onLine } = {}) =>
    new Promise((resolve, reject) => {
      const all = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers };
      const sent = requestHttps(`${url}${path}`, { ca, method, headers: all, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
          onLine?.(chunk.toString());
        });
        const done = (): void =>
          resolve({ code: response.statusCode!, headers: response.headers, text, json: () => JSON.parse(text) });
        response.on("end", done);
        response.on("aborted", done);
      });
      sent.on("error", reject);
      sent.end(body);
    });
}

async function createPod(server: ApiServer): Promise<Pod> {
  return inMemoryCluster(server).create<Pod>(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default" },
    spec: { containers: [{ name: "main", image: "nginx:1" }] },
  });
}

describe("the HTTPS door", () => {
  it("lets nobody in without a token or a certificate, except to ask for its health", async () => {
    const { ask } = await aDoor();
    const stranger = { headers: { authorization: "" } };
    expect(await ask("/api/v1/pods", stranger)).toMatchObject({ code: 401 });
    expect(await ask("/readyz", stranger)).toMatchObject({ code: 200, text: "ok" });
  });

  it("tells everything it serves in one document, and only that", async () => {
    const { ask } = await aDoor();
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    const answer = await ask("/apis", { headers: { accept } });
    expect(answer.headers["content-type"]).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    const groups = answer.json().items as readonly {
      metadata: { name: string };
      versions: { resources: { resource: string }[] }[];
    }[];
    const apps = groups.find(({ metadata }) => metadata.name === "apps")!;
    const names = apps.versions[0]!.resources.map(({ resource }) => resource);
    expect(names).toEqual(["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]);
    expect((await ask("/apis/batch/v1/cronjobs")).json()).toMatchObject({
      code: 501,
      message: "the embedded API server does not implement cronjobs.batch (v1)",
    });
  });

  it("makes kubectl's table of pods", async () => {
    const { ask, server } = await aDoor();
    await createPod(server);
    const table = (await ask("/api/v1/namespaces/default/pods", { headers: { accept: TABLE } })).json();
    expect(table).toMatchObject({
      kind: "Table",
      columnDefinitions: [
        { name: "Name" },
        { name: "Ready" },
        { name: "Status" },
        { name: "Restarts" },
        { name: "Age" },
        {},
        {},
        {},
        {},
      ],
      rows: [{ cells: ["web", "0/1", "Pending", "0", expect.any(String), "<none>", "<none>", "<none>", "<none>"] }],
    });
  });

  it("takes YAML, and refuses patches of unknown types and bodies that are none", async () => {
    const { ask } = await aDoor();
    const path = "/api/v1/namespaces/default/configmaps";
    const yaml = {
      method: "POST",
      headers: { "content-type": "application/yaml" },
      body: "metadata: {name: a}\ndata: {k: v}",
    };
    expect(await ask(path, yaml)).toMatchObject({ code: 201 });
    const unknown = { method: "PATCH", headers: { "content-type": "application/apply-patch+cbor" }, body: "{}" };
    expect(await ask(`${path}/a`, unknown)).toMatchObject({ code: 415 });
    expect(await ask(path, { method: "POST", body: "{" })).toMatchObject({ code: 400 });
    expect(await ask(path, { method: "POST", body: `"${"x".repeat(3 * 1024 * 1024)}"` })).toMatchObject({ code: 413 });
  });

  it("streams a watch until the server closes", async () => {
    const { ask, server, door } = await aDoor();
    const watching = ask("/api/v1/pods?watch=1", { onLine: () => void door.close() });
    await createPod(server);
    const event = JSON.parse((await watching).text) as { type: string; object: Pod };
    expect([event.type, event.object.metadata.name]).toEqual(["ADDED", "web"]);
  });

  it("says so when its port is taken", async () => {
    const { door, server } = await aDoor();
    const now = Date.now();
    const authority = await createAuthority({ commonName: "test", now });
    const certificate = await issueLeaf(authority, { commonName: "api", usage: "server", now, dnsNames: ["a"] });
    await expect(serveHttps(server, { port: door.port, certificate })).rejects.toThrow(
      `port ${door.port} on 127.0.0.1 is in use`,
    );
  });
});
