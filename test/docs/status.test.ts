import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { NEWS_REASONS } from "../../src/core/rollout/news.ts";
import { PHASES, readStatus } from "../../src/core/sidecarSet/sidecarSetStatus.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TEXT = readFileSync(join(ROOT, "docs/reference/status.md"), "utf8");
const code = (folder: string, file: string) => readFileSync(join(ROOT, "src/core", folder, file), "utf8");

describe("the reference of the status", () => {
  it.each([...Object.keys(readStatus({})), ...PHASES, ...NEWS_REASONS])("tells of %s", (word) => {
    expect(TEXT).toContain(`\`${word}\``);
  });

  it("tells of every reason of a condition, and every code that a pod without sidecars can have", () => {
    const text = ["conditions.ts", "standing.ts", "podReport.ts"].map((file) => code("rollout", file)).join();
    const words = text.match(/"(?:[A-Z][a-z]+){2,}"|"I\d\d"/g)!.map((word) => word.slice(1, -1));
    const known = new Set(words.filter((word) => word !== "CoverageComplete"));
    expect(known.size).toBeGreaterThan(25);
    expect([...known].filter((word) => !TEXT.includes(word))).toEqual([]);
  });
});
