import { describe, expect, it } from "vitest";
import { settle, VirtualClock } from "../../test/virtualClock.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { WriteWindow } from "./writeWindow.ts";

interface ModelOptions {
  /** Writes that it works on at a time, and how long each takes. */
  readonly workers: number;
  readonly serviceMs: number;
  /** With more than so many inside it refuses. */
  readonly most?: number;
  readonly retryAfterSeconds?: number;
}

/** A server that works on a few writes at a time and lets the others wait: beyond its capacity more at once are only slower. */
class ModelServer {
  readonly #clock: VirtualClock;
  #options: ModelOptions;
  #inside = 0;
  #free: number[];
  refused = 0;
  mostInside = 0;
  readonly sentAt: number[] = [];

  constructor(clock: VirtualClock, options: ModelOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#free = Array.from({ length: options.workers }, () => 0);
  }

  becomes(options: ModelOptions): void {
    this.#options = options;
    this.#free = Array.from({ length: options.workers }, () => this.#clock.now());
  }

  async write(): Promise<void> {
    const { serviceMs, most = Number.POSITIVE_INFINITY, retryAfterSeconds } = this.#options;
    this.sentAt.push(this.#clock.now());
    if (this.#inside >= most) {
      this.refused++;
      await this.#pass(1);
      throw new ClusterError(
        "tooManyRequests",
        "slow down",
        retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
      );
    }
    this.mostInside = Math.max(this.mostInside, ++this.#inside);
    this.#free.sort((one, other) => one - other);
    const end = Math.max(this.#free[0]!, this.#clock.now()) + serviceMs;
    this.#free[0] = end;
    await this.#pass(end - this.#clock.now());
    this.#inside--;
  }

  #pass(ms: number): Promise<void> {
    return new Promise((done) => void this.#clock.after(ms, done));
  }
}

function aWindow(server: ModelOptions) {
  const clock = new VirtualClock();
  const window = new WriteWindow(clock);
  const model = new ModelServer(clock, server);
  /** Sends as a rollout does: the next as soon as there is a place. @returns how many have ended so far */
  const send = (sidecarSet: string, writes: number): { ended: number; readonly doneAt: () => number | undefined } => {
    let doneAt: number | undefined;
    const sender = { ended: 0, doneAt: () => doneAt };
    void (async () => {
      for (let left = writes; left > 0; left--) {
        const place = await window.enter(sidecarSet);
        void model
          .write()
          .then(
            () => place.leave(),
            (error: unknown) => {
              left++;
              place.leave(error);
            },
          )
          .then(() => {
            sender.ended++;
            if (sender.ended === writes) doneAt = clock.now();
          });
      }
    })();
    return sender;
  };
  return { clock, window, model, send };
}

describe("the window of writes", () => {
  it("starts with sixteen", async () => {
    const { window, model, send } = aWindow({ workers: 4, serviceMs: 50 });
    send("logging", 100);
    await settle();
    expect(model.sentAt).toHaveLength(16);
    expect(window.width).toBe(16);
  });

  it.each([4, 24, 48])(
    "finds the width of a server that works on %d writes at a time, and keeps it busy",
    async (workers) => {
      const { clock, window, send } = aWindow({ workers, serviceMs: 100 });
      const sender = send("logging", 100_000);
      await clock.advance(10_000);
      const before = sender.ended;
      await clock.advance(5_000);
      expect(window.width).toBeGreaterThanOrEqual(workers + 4);
      expect(window.width).toBeLessThanOrEqual(workers + 14);
      // So many are possible in that time.
      expect((sender.ended - before) / (workers * 50)).toBeGreaterThan(0.97);
    },
  );

  it("never lets more than sixty-four go at once, however fast the server is", async () => {
    const { clock, window, model, send } = aWindow({ workers: 1000, serviceMs: 100 });
    send("logging", 100_000);
    await clock.advance(15_000);
    expect(window.width).toBe(64);
    expect(model.mostInside).toBe(64);
  });

  it("does not grow as long as nobody waits for a place", async () => {
    const { clock, window } = aWindow({ workers: 1000, serviceMs: 10 });
    for (let write = 0; write < 200; write++) {
      const place = await window.enter("logging");
      await clock.advance(10);
      place.leave();
    }
    expect(window.width).toBe(16);
  });

  it("halves once when many writes are told at once that the server has too much to do, and pauses for as long as it asks", async () => {
    const { clock, window, model, send } = aWindow({ workers: 4, serviceMs: 50, most: 4, retryAfterSeconds: 3 });
    send("logging", 100);
    await clock.advance(2_900);
    expect(model.refused).toBe(12);
    expect(model.sentAt).toHaveLength(16);
    expect(window.width).toBe(8);
    await clock.advance(200);
    expect(model.sentAt.length).toBeGreaterThan(16);
  });

  it("pauses for a second where the server does not say for how long", async () => {
    const { clock, model, send } = aWindow({ workers: 4, serviceMs: 50, most: 4 });
    send("logging", 100);
    await clock.advance(990);
    expect(model.sentAt).toHaveLength(16);
    await clock.advance(20);
    expect(model.sentAt.length).toBeGreaterThan(16);
  });

  it("never stalls: also a server that takes one write at a time gets them all", async () => {
    const { clock, send } = aWindow({ workers: 1, serviceMs: 20, most: 1, retryAfterSeconds: 1 });
    const sender = send("logging", 60);
    await clock.advanceUntil(() => sender.ended >= 60, 120_000, 1000);
  });

  it("recovers when an overload is over", async () => {
    const { clock, window, model, send } = aWindow({ workers: 24, serviceMs: 100 });
    const sender = send("logging", 100_000);
    await clock.advance(5_000);
    model.becomes({ workers: 2, serviceMs: 100, most: 2, retryAfterSeconds: 1 });
    await clock.advance(10_000);
    expect(window.width).toBeLessThanOrEqual(4);
    model.becomes({ workers: 24, serviceMs: 100 });
    await clock.advance(10_000);
    const before = sender.ended;
    await clock.advance(5_000);
    expect((sender.ended - before) / (24 * 50)).toBeGreaterThan(0.95);
  });

  it("learns that the server has become slower for good, and does not drift to its bound", async () => {
    const { clock, window, model, send } = aWindow({ workers: 8, serviceMs: 50 });
    send("logging", 100_000);
    await clock.advance(5_000);
    model.becomes({ workers: 8, serviceMs: 200 });
    await clock.advance(120_000);
    expect(window.width).toBeGreaterThanOrEqual(8);
    expect(window.width).toBeLessThanOrEqual(24);
  });

  it("halves when the server breaks down", async () => {
    const { clock, window } = aWindow({ workers: 1, serviceMs: 1 });
    const places = await Promise.all(Array.from({ length: 16 }, () => window.enter("logging")));
    await clock.advance(10);
    for (const place of places) place.leave(new ClusterError("unavailable", "connection refused"));
    expect(window.width).toBe(8);
  });

  it("lets a set with a few pods through while one with thousands is under way", async () => {
    const { clock, send } = aWindow({ workers: 4, serviceMs: 100 });
    send("large", 5_000);
    await clock.advance(2_000);
    const small = send("small", 10);
    const begun = clock.now();
    await clock.advanceUntil(() => small.doneAt() !== undefined, 30_000);
    // Ten writes in turn with ten others, behind those that are under way.
    expect(small.doneAt()! - begun).toBeLessThan(1_500);
  });

  it("lets everybody go when it is stopped", async () => {
    const { window } = aWindow({ workers: 4, serviceMs: 100 });
    let entered = 0;
    for (let write = 0; write < 40; write++) void window.enter("logging").then(() => entered++);
    await settle();
    expect(entered).toBe(16);
    window.stop();
    await settle();
    expect(entered).toBe(40);
  });
});
