import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settle, VirtualClock } from "../../test/virtualClock.ts";
import { NO_WEBHOOKS } from "../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import type { Cluster, WriteLimit } from "./cluster.ts";
import { ClusterError } from "./clusterError.ts";
import { sleep } from "./environment.ts";
import type { Leading } from "./leaderPart.ts";
import { Leadership } from "./leadership.ts";
import type { Lease } from "./lease.ts";
import { leaseTiming } from "./leaseTiming.ts";
import { CONFIG_MAPS, LEASES, NAMESPACES } from "./resource.ts";

const NAMESPACE = "kruise-system";
const LEASE = { namespace: NAMESPACE, name: "sidecarset-manager" };
const MINUTES = 60_000;

let clock: VirtualClock;
let cluster: Cluster;
let started: Contender[];
/** Who led at which moment, one entry per change; two at once must never be. */
let violations: string[];

beforeEach(async () => {
  clock = new VirtualClock();
  const environment = { clock, random: () => 0.5, log: () => {} };
  cluster = inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS }));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  started = [];
  violations = [];
});

afterEach(async () => {
  for (const contender of started) contender.line = "good";
  const ends = started.map(({ leadership }) => leadership.stop());
  await clock.advance(1 * MINUTES);
  await Promise.all(ends);
  expect(violations).toEqual([]);
});

describe("several managers", () => {
  it("have one leader, who creates the Lease and renews it every 2 s", async () => {
    const [a, b, c] = await contenders("a", "b", "c");
    await clock.advance(1 * MINUTES);
    expect([a, b, c].map((one) => one!.leads)).toEqual([true, false, false]);
    const { spec } = await lease();
    expect(spec).toMatchObject({ holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(clock.now() - Date.parse(spec!.renewTime!)).toBeLessThanOrEqual(2_000);
    expect(a.terms).toBe(1);
    expect(b!.leadership.role).toEqual({ kind: "following", holder: "a" });
  });

  it("that come at the same moment agree on one", async () => {
    const all = [new Contender("a"), new Contender("b"), new Contender("c")];
    for (const { leadership } of all) leadership.start();
    await clock.advance(5_000);
    expect(all.filter(({ leads }) => leads)).toHaveLength(1);
  });

  it("go on at once when the leader ends in good order, one of them", async () => {
    const [a, b, c] = await contenders("a", "b", "c");
    await clock.advance(7_300);
    const ended = a.leadership.stop();
    await settle();
    await ended;
    expect(a.leads).toBe(false);
    await clock.advance(0);
    expect([b, c].filter((one) => one!.leads)).toHaveLength(1);
    expect((await lease()).spec).toMatchObject({ leaseTransitions: 1 });
  });

  it("wait for the lease duration when the leader is gone without a word, and no longer than a moment more", async () => {
    const [a, b] = await contenders("a", "b");
    await clock.advance(6_100);
    a.line = "hangs";
    const lastRenewal = Date.parse((await lease()).spec!.renewTime!);
    await clock.advanceUntil(() => b!.leads, 1 * MINUTES, 10);
    const after = clock.now() - lastRenewal;
    expect(after).toBeGreaterThanOrEqual(15_000);
    expect(after).toBeLessThanOrEqual(17_400);
  });

  it("follow a watch that is dead by looking", async () => {
    const [a, b] = await contenders("a", "b");
    b!.line = "withoutWatch";
    await clock.advance(10 * MINUTES);
    const endedAt = clock.now();
    const ended = a.leadership.stop();
    await clock.advanceUntil(() => b!.leads, 1 * MINUTES, 10);
    await ended;
    expect(clock.now() - endedAt).toBeLessThanOrEqual(2_400);
  });
});

describe("a leader whose renewals do not arrive", () => {
  it.each(["hangs", "fails"] as const)(
    "(each of them %s) writes nothing from 10 s on, before another may lead",
    async (line) => {
      const [a, b] = await contenders("a", "b");
      await clock.advance(5_000);
      const { leading } = a;
      a.line = line;
      const lastRenewal = Date.parse((await lease()).spec!.renewTime!);
      await clock.advanceUntil(() => !a.leads, 1 * MINUTES, 10);
      expect(clock.now() - lastRenewal).toBeLessThanOrEqual(10_000);
      expect(b!.leads).toBe(false);
      a.line = "good";
      const late = leading!.cluster.create(CONFIG_MAPS, configMap("late"));
      await expect(late).rejects.toMatchObject({ kind: "notLeading" });
      await expect(cluster.get(CONFIG_MAPS, { namespace: NAMESPACE, name: "late" })).rejects.toMatchObject({
        kind: "notFound",
      });
    },
  );

  it("goes on as a follower, and leads again when its turn comes", async () => {
    const [a, b] = await contenders("a", "b");
    a.line = "fails";
    await clock.advance(30_000);
    expect([a.leads, b!.leads]).toEqual([false, true]);
    a.line = "good";
    await clock.advance(5_000);
    expect(a.leadership.role).toEqual({ kind: "following", holder: "b" });
    const ended = b!.leadership.stop();
    await clock.advance(100);
    await ended;
    expect([a.leads, a.terms]).toEqual([true, 2]);
    const writing = a.leading!.cluster.create(CONFIG_MAPS, configMap("second-term"));
    await expect(writing).resolves.toMatchObject({ metadata: { name: "second-term" } });
  });

  it("and whose process was stopped meanwhile refuses the write that was about to be made, before any timer", async () => {
    const [a] = await contenders("a");
    await clock.advance(3_000);
    a.pausedMs = 11_000;
    await expect(a.leading!.cluster.delete(CONFIG_MAPS, { namespace: NAMESPACE, name: "x" })).rejects.toMatchObject({
      kind: "notLeading",
    });
  });

  it("gives up what is under way at the end of its term, long before another may lead", async () => {
    const [a, b] = await contenders("a", "b");
    await clock.advance(3_000);
    a.line = "late";
    const late = a.leading!.cluster.create(CONFIG_MAPS, configMap("late")).catch((error: unknown) => error);
    let given = false;
    void late.then(() => (given = true));
    await clock.advanceUntil(() => given, 1 * MINUTES, 10);
    expect(await late).toMatchObject({ kind: "notLeading", message: expect.stringContaining("is not known") });
    expect([a.leads, b!.leads]).toEqual([false, false]);
    const givenUpAt = clock.now();
    await clock.advanceUntil(() => b!.leads, 1 * MINUTES, 10);
    expect(clock.now() - givenUpAt).toBeGreaterThanOrEqual(5_000);
  });

  it("lets the API server work on a write until another may lead, and no longer", async () => {
    const [a, b] = await contenders("a", "b");
    a.line = "fails";
    const doneAt: number[] = [];
    while (a.leads) {
      a.line = "late";
      const limits = a.limits.length;
      void a.leading!.cluster.create(CONFIG_MAPS, configMap("late")).catch(() => {});
      doneAt.push(...a.limits.slice(limits).map((timeoutMs) => clock.now() + timeoutMs));
      a.line = "fails";
      await clock.advance(1_000);
    }
    await clock.advanceUntil(() => b!.leads, 1 * MINUTES, 10);
    expect(doneAt.length).toBeGreaterThanOrEqual(8);
    expect(Math.max(...doneAt)).toBeLessThanOrEqual(clock.now());
    expect(Math.min(...doneAt)).toBeGreaterThanOrEqual(clock.now() - 3_000);
  });

  it("keeps the lease through a failure shorter than the deadline", async () => {
    const [a, b] = await contenders("a", "b");
    a.line = "fails";
    await clock.advance(7_000);
    a.line = "good";
    await clock.advance(1 * MINUTES);
    expect([a.leads, a.terms, b!.terms]).toEqual([true, 1, 0]);
  });
});

describe("an API server", () => {
  it("that is away for five minutes leaves nobody leading, and somebody within seconds when it is back", async () => {
    const all = await contenders("a", "b", "c");
    for (const one of all) one.line = "fails";
    await clock.advance(11_000);
    expect(all.map(({ leads }) => leads)).toEqual([false, false, false]);
    await clock.advance(5 * MINUTES);
    for (const one of all) one.line = "good";
    const backAt = clock.now();
    await clock.advanceUntil(() => all.some(({ leads }) => leads), 1 * MINUTES, 10);
    expect(clock.now() - backAt).toBeLessThanOrEqual(2_400);
  });

  it("that stores a renewal and never answers it does not confuse who leads", async () => {
    const [a, b] = await contenders("a", "b");
    await clock.advance(1_000);
    a.line = "answersLost";
    await clock.advance(8_000);
    a.line = "good";
    await clock.advance(1 * MINUTES);
    expect([a.leads, b!.leads]).toEqual([true, false]);
  });

  it("that has lost the Lease gets it again from the leader", async () => {
    const [a, b] = await contenders("a", "b");
    await cluster.delete(LEASES, LEASE);
    await clock.advance(5_000);
    expect([a.leads, a.terms, b!.terms]).toEqual([true, 1, 0]);
    expect((await lease()).spec!.holderIdentity).toBe("a");
  });
});

describe("clocks that disagree", () => {
  it.each([10 * MINUTES, -10 * MINUTES])("by %d ms take no lease from a leader who renews it", async (skewMs) => {
    const [a] = await contenders("a");
    const b = new Contender("b", skewMs);
    b.leadership.start();
    await clock.advance(20 * MINUTES);
    expect([a.leads, a.terms, b.terms]).toEqual([true, 1, 0]);
  });

  it.each([10 * MINUTES, -10 * MINUTES])("by %d ms do not delay who takes over", async (skewMs) => {
    const a = new Contender("a", skewMs);
    a.leadership.start();
    await clock.advance(3_000);
    const b = new Contender("b", -skewMs);
    b.leadership.start();
    await clock.advance(3_000);
    a.line = "hangs";
    const hungAt = clock.now();
    await clock.advanceUntil(() => b.leads, 1 * MINUTES, 10);
    expect(clock.now() - hungAt).toBeLessThanOrEqual(17_400);
  });
});

describe("a leader that is told to end", () => {
  it("gives the lease back only when the write under way has finished", async () => {
    const [a, b] = await contenders("a", "b");
    a.line = "slow";
    const writing = a.leading!.cluster.create(CONFIG_MAPS, configMap("under-way"));
    await clock.advance(100);
    const ended = a.leadership.stop();
    await clock.advance(500);
    expect([a.leads, b!.leads]).toEqual([false, false]);
    await clock.advance(5_000);
    await Promise.all([writing, ended]);
    expect(b!.leads).toBe(true);
  });

  it("gives up a write that takes longer than the term, and lets the lease expire: it may have been carried out", async () => {
    const [a, b] = await contenders("a", "b");
    await clock.advance(1_900);
    a.line = "late";
    await clock.advance(6_000);
    const late = a.leading!.cluster.create(CONFIG_MAPS, configMap("late")).catch((error: unknown) => error);
    const ended = a.leadership.stop();
    await clock.advance(4_000);
    a.line = "good";
    await clock.advance(6_000);
    await ended;
    expect(await late).toMatchObject({ kind: "notLeading" });
    expect((await lease()).spec!.holderIdentity).not.toBe("");
    await clock.advanceUntil(() => b!.leads, 1 * MINUTES, 10);
  });

  it("lets the lease expire when a write does not come back", async () => {
    const [a, b] = await contenders("a", "b");
    a.line = "hangs";
    void a.leading!.cluster.create(CONFIG_MAPS, configMap("hanging")).catch(() => {});
    await clock.advance(100);
    const ended = a.leadership.stop();
    await clock.advance(11_000);
    await ended;
    expect((await lease()).spec!.holderIdentity).toBe("a");
    expect(b!.leads).toBe(false);
    await clock.advance(10_000);
    expect(b!.leads).toBe(true);
  });
});

type Line = "good" | "fails" | "hangs" | "slow" | "late" | "answersLost" | "withoutWatch";

/** One manager with a line of its own to the API server. */
class Contender {
  readonly name: string;
  readonly leadership: Leadership;
  /** Of the term it is in, or was in last. */
  leading: Leading | undefined;
  terms = 0;
  line: Line = "good";
  /** How long the API server might have worked on each write on a line that is late, in milliseconds. */
  readonly limits: number[] = [];
  /** For how long its process did not run: no timer of it has fired, but time has passed. */
  pausedMs = 0;

  /** @param skewMs by how much its wall clock is ahead */
  constructor(name: string, skewMs = 0) {
    this.name = name;
    const skewed = { now: () => clock.now() + skewMs, after: clock.after.bind(clock) };
    this.leadership = new Leadership({
      cluster: lineTo(cluster, () => this.line, this.limits),
      environment: { clock: skewed, random: () => 0.5, log: () => {} },
      monotonicMs: () => clock.now() + this.pausedMs,
      lease: LEASE,
      identity: name,
      timing: leaseTiming(15),
      lead: (leading) => this.#lead(leading),
    });
    started.push(this);
  }

  get leads(): boolean {
    return this.leading !== undefined && !this.leading.signal.aborted;
  }

  async #lead(leading: Leading): Promise<void> {
    const others = started.filter((other) => other !== this && other.leads).map(({ name }) => name);
    if (others.length > 0) violations.push(`${this.name} leads while ${others.join()} does`);
    this.leading = leading;
    this.terms++;
  }
}

/** One after the other, so that the first one leads. */
async function contenders(...names: readonly string[]): Promise<[Contender, ...Contender[]]> {
  const all: Contender[] = [];
  for (const name of names) {
    const one = new Contender(name);
    all.push(one);
    one.leadership.start();
    await clock.advance(100);
  }
  return all as [Contender, ...Contender[]];
}

function lineTo(real: Cluster, line: () => Line, limits: number[]): Cluster {
  async function over<T>(call: () => Promise<T>, { signal, timeoutMs }: WriteLimit = {}): Promise<T> {
    switch (line()) {
      case "late":
        if (timeoutMs !== undefined) limits.push(timeoutMs);
        await sleep(clock, 1 * MINUTES, signal);
        if (signal?.aborted) throw new ClusterError("unavailable", "nobody waits any more");
        return call();
      case "fails":
        throw new ClusterError("unavailable", "the line is broken");
      case "hangs":
        return new Promise<T>(() => {});
      case "slow":
        await new Promise<void>((resolve) => clock.after(2_000, resolve));
        return call();
      case "answersLost":
        await call();
        return new Promise<T>(() => {});
      case "good":
      case "withoutWatch":
        return call();
    }
  }
  return {
    ...real,
    get: (...call) => over(() => real.get(...call)),
    create: (...call) => over(() => real.create(...call), call[2]),
    update: (...call) => over(() => real.update(...call), call[2]),
    delete: (...call) => over(() => real.delete(...call), call[2]),
    async *watch(type, options) {
      if (line() === "fails") throw new ClusterError("unavailable", "the line is broken");
      for await (const event of real.watch<never>(type, options)) if (line() === "good") yield event;
    },
  };
}

function lease(): Promise<Lease> {
  return cluster.get<Lease>(LEASES, LEASE);
}

function configMap(name: string) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: NAMESPACE, name } };
}
