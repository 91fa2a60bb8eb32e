import { createColors } from "picocolors";
import { describe, expect, it } from "vitest";
import { jsonLog, type LogOptions, textLog } from "./log.ts";

const ERROR = new Error("the line is broken");

describe("the log", () => {
  it("is one JSON object per line, time, level and message first", () => {
    const [line = ""] = lines((options) => jsonLog(options)("warn", "the lease is lost", { lease: "a", error: ERROR }));
    expect(line).toMatch(
      /^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"warn","message":"the lease is lost",/,
    );
    expect(JSON.parse(line)).toMatchObject({ lease: "a", error: "the line is broken" });
    expect(line.endsWith("}\n")).toBe(true);
  });

  it("stays one line for people, also where a text has many", () => {
    const fields = { pod: "ns-1/web", why: "a\nb", error: ERROR, changes: ["log=log:2"], absent: undefined };
    const [line = ""] = lines((options) => textLog(options, createColors(false))("info", "upgraded", fields));
    expect(line.slice(8)).toBe(
      ' info  upgraded  pod=ns-1/web  why="a\\nb"  error="the line is broken"  changes=["log=log:2"]\n',
    );
  });

  it("has colours only where they are wanted", () => {
    const coloured = lines((options) => textLog(options, createColors(true))("error", "failed"));
    expect(coloured[0]).toContain("\u001b[31merror\u001b[39m");
  });

  it.each([jsonLog, (options: LogOptions) => textLog(options, createColors(false))])(
    "leaves out what is less important",
    (log) => {
      const written = lines((options) => {
        for (const level of ["debug", "info", "warn", "error"] as const) log({ ...options, least: "warn" })(level, "x");
      });
      expect(written).toHaveLength(2);
    },
  );
});

function lines(work: (options: LogOptions) => void): string[] {
  const written: string[] = [];
  work({ write: (line) => written.push(line), least: "debug" });
  return written;
}
