import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { News } from "../core/rollout/news.ts";
import { EventRecorder } from "./eventRecorder.ts";

const SET = { name: "logging", uid: "u1" };

function aRecorder(refuses: (write: number) => boolean = () => false) {
  const clock = new VirtualClock();
  const writes: Record<string, unknown>[] = [];
  let asked = 0;
  const write = (body: unknown) => {
    if (refuses(++asked)) return Promise.reject(new ClusterError("forbidden", "no"));
    writes.push(body as Record<string, unknown>);
    return Promise.resolve(body);
  };
  const cluster = {
    create: (_type: unknown, object: unknown) => write(object),
    patch: (_type: unknown, _name: unknown, { patch }: { readonly patch: unknown }) => write(patch),
  } as unknown as Cluster;
  const recorder = new EventRecorder(cluster, { clock, random: () => 0.5, log: () => {} });
  const tell = (reason: News["reason"], message: string, subject = SET) =>
    recorder.tell(subject, [{ type: "Normal", reason, message }]);
  return { clock, recorder, writes, tell };
}

describe("what is told again", () => {
  it("while a write is under way at the end starts no timer", async () => {
    const { clock, recorder, writes, tell } = aRecorder();
    tell("WaveStarted", "wave 1");
    tell("WaveStarted", "wave 2");
    recorder.stop();
    await clock.advance(60_000);
    expect(writes).toHaveLength(1);
  });

  it("costs a write every few seconds, with the count and the last message", async () => {
    const { clock, writes, tell } = aRecorder();
    for (let wave = 1; wave <= 100; wave++) {
      tell("WaveStarted", `wave ${wave}`);
      await clock.advance(100);
    }
    await clock.advance(10_000);
    expect(writes.length).toBeLessThanOrEqual(4);
    expect(writes[0]).toMatchObject({
      message: "wave 1",
      count: 1,
      reason: "WaveStarted",
      metadata: { namespace: "default" },
    });
    expect(writes.at(-1)).toEqual({ message: "wave 100", count: 100, lastTimestamp: "2026-07-01T00:00:09Z" });
  });

  it("after ten minutes, or about another set, is an Event of its own", async () => {
    const { clock, writes, tell } = aRecorder();
    tell("Paused", "a");
    await clock.advance(600_001);
    tell("Paused", "b");
    tell("Paused", "c", { name: "logging", uid: "u2" });
    await clock.advance(0);
    expect(writes).toMatchObject([
      { message: "a", count: 1 },
      { message: "b", count: 1 },
      { message: "c", count: 1 },
    ]);
  });
});

it("an Event that is refused is left out, and nothing is thrown", async () => {
  const { clock, recorder, writes, tell } = aRecorder(() => true);
  tell("Blocked", "a");
  tell("Blocked", "b");
  await clock.advance(60_000);
  recorder.forget(SET);
  recorder.stop();
  expect(writes).toEqual([]);
});

it("an Event that could not be created is created when it is told again", async () => {
  const { clock, writes, tell } = aRecorder((write) => write === 1);
  tell("Blocked", "a");
  await clock.advance(1000);
  tell("Blocked", "b");
  await clock.advance(10_000);
  expect(writes).toMatchObject([{ kind: "Event", message: "b", count: 2 }]);
});

it("a long message is cut to what the API server takes", async () => {
  const { clock, writes, tell } = aRecorder();
  tell("Blocked", "x".repeat(3000));
  await clock.advance(0);
  expect((writes[0]!.message as string).length).toBe(1024);
});
