import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveBlock } from "./liveBlock.ts";

function aScreen(size: { columns: number; rows: number }) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { ...size, write: write as NodeJS.WriteStream["write"], written };
}

describe("the block that is drawn again and again", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("cuts lines to the terminal while it lives, and shows them in full at the end", () => {
    const screen = aScreen({ columns: 10, rows: 20 });
    const block = new LiveBlock(screen, "…");
    block.show(["twelve pods are ready"]);
    vi.advanceTimersByTime(100);
    expect(screen.written).toEqual(["\rtwelve po…\x1b[K\n\x1b[J"]);
    block.finish();
    expect(screen.written[1]).toBe("\x1b[1A\rtwelve pods are ready\x1b[K\n\x1b[J");
  });

  it("goes back over the rows that its lines take after the terminal became narrower", () => {
    const screen = aScreen({ columns: 10, rows: 20 });
    const block = new LiveBlock(screen, "…");
    block.show(["eight ch", "two"]);
    vi.advanceTimersByTime(100);
    screen.columns = 4;
    block.show(["new"]);
    vi.advanceTimersByTime(100);
    expect(screen.written[1]).toBe("\x1b[3A\rnew\x1b[K\n\x1b[J");
  });

  it("shows the end of a block that is higher than the terminal, and all of it when finished", () => {
    const screen = aScreen({ columns: 10, rows: 3 });
    const block = new LiveBlock(screen, "…");
    block.show(["one", "two", "three"]);
    vi.advanceTimersByTime(100);
    expect(screen.written[0]).toBe("\rtwo\x1b[K\nthree\x1b[K\n\x1b[J");
    block.finish();
    expect(screen.written[1]).toBe("\x1b[2A\rone\x1b[K\ntwo\x1b[K\nthree\x1b[K\n\x1b[J");
  });

  it("takes a terminal that does not know its size for one of 80 columns", () => {
    const screen = aScreen({ columns: 0, rows: 0 });
    new LiveBlock(screen, "…").show(["x".repeat(100)]);
    vi.advanceTimersByTime(100);
    expect(screen.written[0]).toContain(`${"x".repeat(79)}…`);
  });
});
