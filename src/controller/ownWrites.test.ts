import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import { OwnWrites } from "./ownWrites.ts";

const at = (resourceVersion: string) => ({ resourceVersion });

function ownWrites() {
  const clock = new VirtualClock();
  const lost: string[] = [];
  return {
    clock,
    lost,
    writes: new OwnWrites<{ resourceVersion: string }>({ clock, onLost: (key) => lost.push(key) }),
  };
}

describe("our own writes", () => {
  it("that are answered after the end start no timer", async () => {
    const { clock, lost, writes } = ownWrites();
    writes.stop();
    writes.note("a", at("10"));
    await clock.advance(600_000);
    expect(lost).toEqual([]);
  });

  it("are seen until the copy has caught up", () => {
    const { writes } = ownWrites();
    writes.note("a", at("10"));
    expect(writes.newest("a", at("9"))).toEqual(at("10"));
    expect(writes.newest("a", undefined)).toEqual(at("10"));
    const caughtUp = at("11");
    expect(writes.newest("a", caughtUp)).toBe(caughtUp);
    expect(writes.newest("a", at("9"))).toEqual(at("9"));
  });

  it("that do not come back are asked for again and again, and count meanwhile", async () => {
    const { clock, lost, writes } = ownWrites();
    writes.note("a", at("10"));
    await clock.advance(60_000);
    expect(lost).toEqual([]);
    await clock.advance(61_000);
    expect(lost).toEqual(["a"]);
    expect(writes.newest("a", at("9"))).toEqual(at("10"));
    await clock.advance(120_000);
    expect(lost).toEqual(["a", "a"]);
    writes.forget("a");
    await clock.advance(120_000);
    expect(lost).toEqual(["a", "a"]);
  });
});
