import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import { WorkQueue } from "./workQueue.ts";

function aQueue(work: (key: string) => Promise<number | undefined>) {
  const clock = new VirtualClock();
  const start = clock.now();
  const runs: { key: string; at: number }[] = [];
  const retries: number[] = [];
  const queue = new WorkQueue({
    clock,
    random: () => 1,
    work: (key) => {
      runs.push({ key, at: clock.now() - start });
      return work(key);
    },
    onFailure: (_key, _error, retryInMs) => retries.push(retryInMs),
  });
  return { clock, queue, runs, retries };
}

describe("a work queue", () => {
  it("makes one run of a burst", async () => {
    const { clock, queue, runs } = aQueue(async () => undefined);
    for (let index = 0; index < 5; index++) queue.add("a");
    queue.add("b");
    await clock.advance(100);
    expect(runs.map(({ key }) => key)).toEqual(["a", "b"]);
  });

  it("never works on a key twice at once, and once more for what came meanwhile", async () => {
    const finish: (() => void)[] = [];
    const { clock, queue, runs } = aQueue(() => new Promise((resolve) => finish.push(() => resolve(undefined))));
    queue.add("a");
    await clock.advance(10);
    queue.add("a");
    queue.add("a");
    await clock.advance(100);
    expect(runs).toHaveLength(1);
    finish[0]!();
    await clock.advance(100);
    expect(runs).toHaveLength(2);
    finish[1]!();
    await clock.advance(1000);
    expect(runs).toHaveLength(2);
  });

  it("comes back when the work says so, or earlier when something happens", async () => {
    const { clock, queue, runs } = aQueue(async () => (runs.length < 3 ? 1000 : undefined));
    queue.add("a", 0);
    await clock.advance(500);
    queue.add("a", 0);
    await clock.advance(5000);
    expect(runs.map(({ at }) => at)).toEqual([0, 500, 1500]);
  });

  it("waits longer after every failure and starts anew after a success", async () => {
    let failing = true;
    const { clock, queue, retries } = aQueue(async () => {
      if (failing) throw new Error("no");
      return undefined;
    });
    queue.add("a");
    await clock.advance(3000);
    expect(retries).toEqual([200, 400, 800, 1600]);
    failing = false;
    await clock.advance(5000);
    failing = true;
    queue.add("a");
    await clock.advance(10);
    expect(retries.at(-1)).toBe(200);
  });

  it("waits as long as the server asks for", async () => {
    const { clock, queue, retries } = aQueue(async () => {
      throw Object.assign(new Error("slow down"), { retryAfterSeconds: 7 });
    });
    queue.add("a");
    await clock.advance(100);
    expect(retries).toEqual([7000]);
  });
});
