import { afterEach, describe, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import type { Access } from "../../src/kubeapi/access.ts";
import { connectTo } from "../../src/kubeapi/connect.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { serveHttps } from "../../src/simulator/https/serveHttps.ts";
import { VirtualClock } from "../virtualClock.ts";
import { BadLine } from "./badLine.ts";
import { FAULTS, FaultCounts } from "./faults.ts";
import { expectSurvival } from "./survival.ts";

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const counts = new FaultCounts();
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("a line that breaks a thousand times", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "leaves local copies that equal the server and never told what cannot be (seed %i)",
    async (seed) => {
      const clock = new VirtualClock();
      const upstream = await startServer(clock);
      const namespace = "default";
      const line = await BadLine.open({ upstream, namespace, clock, seed, turn });
      undo.push(() => line.close());
      const cluster = await connectTo({ description: "the server itself", read: async () => upstream });
      undo.push(() => cluster.close());
      await expectSurvival(line, { faults: 101, cluster, namespace });
      counts.addAll(line.proxy.counts);
    },
  );

  it("in every way there is", () => {
    expect(counts.total).toBeGreaterThanOrEqual(1_000);
    expect(FAULTS.filter((fault) => counts.of(fault) < 5)).toEqual([]);
  });
});

async function startServer(clock: VirtualClock): Promise<Access> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "simulator", now });
  const leaf = { commonName: "simulator", usage: "server", ipAddresses: ["127.0.0.1"], now } as const;
  const certificate = await issueLeaf(authority, leaf);
  const server = new ApiServer({ environment: { clock, random: Math.random, log: () => {} } });
  const door = await serveHttps(server, { port: 0, certificate });
  undo.push(() => door.close());
  return { server: door.url, tls: { ca: authority.certificate }, headers: {} };
}
