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

/** So that the whole is 1,000 and more. */
const FAULTS_EACH = 201;
const USUAL_SEEDS = [1, 2, 3, 4, 5];
/** A hang is told by it, and nothing else: a busy machine takes its time for sockets. */
const HANGS_MS = 10 * 60_000;

describe("a line that breaks a thousand times", () => {
  it.each(seedsOf(process.env))(
    "leaves local copies that equal the server and never told what cannot be (seed %i)",
    async (seed) => {
      const clock = new VirtualClock();
      const upstream = await startServer(clock);
      const namespace = "default";
      const line = await BadLine.open({ upstream, namespace, clock, seed, turn });
      undo.push(() => line.close());
      const cluster = await connectTo({ description: "the server itself", read: async () => upstream });
      undo.push(() => cluster.close());
      await expectSurvival(line, { faults: FAULTS_EACH, cluster, namespace });
      counts.addAll(line.proxy.counts);
    },
    HANGS_MS,
  );

  // One line played again by its seed has not seen them all.
  if (process.env.FUZZ_SEED === undefined)
    it("in every way there is", () => {
      expect(counts.total).toBeGreaterThanOrEqual(1_000);
      expect(FAULTS.filter((fault) => counts.of(fault) < 5)).toEqual([]);
    });
});

/** FUZZ_RUNS looks somewhere else each time, at a thousandth as many lines as it has cases elsewhere; FUZZ_SEED plays one again. */
function seedsOf({ FUZZ_RUNS, FUZZ_SEED }: NodeJS.ProcessEnv): readonly number[] {
  if (FUZZ_SEED !== undefined) return [Number(FUZZ_SEED)];
  if (FUZZ_RUNS === undefined) return USUAL_SEEDS;
  const first = Math.floor(Math.random() * 2 ** 31);
  return Array.from(
    { length: Math.max(USUAL_SEEDS.length, Math.ceil(Number(FUZZ_RUNS) / 1000)) },
    (_, index) => first + index,
  );
}

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
