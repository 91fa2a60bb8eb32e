import { afterEach, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import type { Leading } from "../../src/cluster/leaderPart.ts";
import { Leadership } from "../../src/cluster/leadership.ts";
import { leaseTiming } from "../../src/cluster/leaseTiming.ts";
import type { Access } from "../../src/kubeapi/access.ts";
import { connectTo, type KubeApi } from "../../src/kubeapi/connect.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { serveHttps } from "../../src/simulator/https/serveHttps.ts";
import { CONFIG_MAPS } from "../contract/fixtures.ts";
import { Draws } from "../fuzz/draws.ts";
import { FaultProxy } from "./faultProxy.ts";

const LEASE = { namespace: "default", name: "manager" };
const LEASE_SECONDS = 2;
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

it("a leader's write that is held up on its way is given up before another leads, and never carried out", async () => {
  const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
  const { certificate, access } = await aCertificate();
  const server = await serveHttps(new ApiServer({ environment }), { port: 0, certificate });
  undo.push(() => server.close());
  const upstream = access(server.url);
  const proxy = await FaultProxy.start({ upstream, certificate, draws: new Draws(1) });
  undo.push(() => proxy.close());
  proxy.becalm();
  const [far, near] = [await open(access(proxy.url)), await open(upstream)];
  const first = await leads("first", far, environment);
  const release = proxy.holdWrites();
  const late = first.cluster.create(CONFIG_MAPS, configMap("late")).then(
    () => "carried out",
    (error: unknown) => error,
  );
  await leads("second", near, environment);
  expect(first.signal.aborted).toBe(true);
  const answer = await Promise.race([late, Promise.resolve("still waited for")]);
  expect(answer).toMatchObject({ kind: "notLeading" });
  release();
  await far.create(CONFIG_MAPS, configMap("after"));
  const { items } = await near.list(CONFIG_MAPS);
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["after"]);
});

/** Settles when it leads. */
function leads(identity: string, cluster: Cluster, environment: Environment): Promise<Leading> {
  return new Promise((resolve) => {
    const leadership = new Leadership({
      cluster,
      environment,
      monotonicMs: () => performance.now(),
      lease: LEASE,
      identity,
      timing: leaseTiming(LEASE_SECONDS),
      lead: async (leading) => resolve(leading),
    });
    leadership.start();
    undo.push(() => leadership.stop());
  });
}

async function aCertificate() {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "late writes", now });
  const leaf = { commonName: "late writes", usage: "server", ipAddresses: ["127.0.0.1"], now } as const;
  const access = (server: string): Access => ({ server, tls: { ca: authority.certificate }, headers: {} });
  return { certificate: await issueLeaf(authority, leaf), access };
}

async function open(access: Access): Promise<KubeApi> {
  const api = await connectTo({ description: "the test", read: async () => access });
  undo.push(() => api.close());
  return api;
}

function configMap(name: string) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name } };
}
