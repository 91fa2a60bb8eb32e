import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MIGRATION_REASONS } from "../../src/core/migration/migrationFinding.ts";

const TEXT = readFileSync(new URL("../../docs/reference/migration.md", import.meta.url), "utf8");

describe("the reference of moving over", () => {
  it("has one row for each finding, with its code and its severity", () => {
    const rows = [...TEXT.matchAll(/^\| (M\d\d) `(\w+)` \| (\w+) \|/gm)].map(([, code, name, severity]) => [
      name,
      code,
      severity,
    ]);
    expect(rows).toEqual(Object.entries(MIGRATION_REASONS).map(([name, reason]) => [name, ...reason]));
  });
});
