import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ensurePromtool } from "../monitoring/promtool.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const RULES = join(ROOT, "deploy/monitoring/alerts.yaml");
const TESTS = join(ROOT, "test/monitoring/alerts.test.yaml");

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly annotations: Readonly<Record<string, string>> }[];
  }[];
}

interface AlertTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

describe("the alert rules", () => {
  let promtool: string;
  beforeAll(async () => {
    promtool = await ensurePromtool();
  }, 900_000);

  const alerts = (parse(readFileSync(RULES, "utf8")) as Rules).groups.flatMap(({ rules }) => rules);

  it("are sound to Prometheus", async () => {
    const { stdout } = await promisify(execFile)(promtool, ["check", "rules", "--lint=all", "--lint-fatal", RULES]);
    expect(stdout).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it("fire when they should, and not before", async () => {
    const { stdout } = await promisify(execFile)(promtool, ["test", "rules", TESTS]);
    expect(stdout).toContain("SUCCESS");
  });

  it("are tested in both directions, each of them", () => {
    const { tests } = parse(readFileSync(TESTS, "utf8")) as AlertTests;
    const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    for (const { alert } of alerts) {
      const own = cases.filter(({ alertname }) => alertname === alert);
      expect(new Set(own.map(({ exp_alerts }) => exp_alerts.length > 0)), alert).toEqual(new Set([true, false]));
    }
  });

  it("say what is the matter, and lead to a page that is there", () => {
    const page = readFileSync(join(ROOT, "docs/reference/alerts.md"), "utf8");
    for (const { alert, annotations } of alerts) {
      expect(Object.keys(annotations).sort()).toEqual(["description", "runbook_url", "summary"]);
      expect(annotations.runbook_url).toBe(`docs/reference/alerts.md#${alert.toLowerCase()}`);
      expect(page).toContain(`\n## ${alert}\n`);
    }
  });
});
