import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfiguration } from "../../src/cli/run/configuration.ts";
import { defaultOf, flagOf, SETTINGS } from "../../src/cli/run/settings.ts";
import { runProgram } from "../program/runProgram.ts";

const TEXT = readFileSync(new URL("../../docs/reference/configuration.md", import.meta.url), "utf8");
const LOGS = readFileSync(new URL("../../docs/reference/logs.md", import.meta.url), "utf8");

describe("the reference of the configuration", () => {
  it("has one row for each setting, with its flag, its meaning and its default", () => {
    const rows = SETTINGS.map((setting) => {
      const { key, takes, description, defaultText } = setting;
      const flag = takes ? `${flagOf(key)} <${takes}>` : flagOf(key);
      return `| \`${key}\` | \`${flag}\` | ${description} | ${defaultText ?? `\`${defaultOf(setting)}\``} |`;
    });
    expect(TEXT.split("\n").filter((line) => /^\| `\w+` \| `--/.test(line))).toEqual(rows);
  });

  it("shows a file that is taken as it is", () => {
    const [, example = ""] = /```yaml\n([^`]+)```/.exec(TEXT) ?? [];
    const content = parse(example);
    expect(readConfiguration({ flags: {}, file: { path: "example", content } })).toMatchObject({
      ok: true,
      value: { healthPort: 8080 },
    });
  });

  it("says the same as --help", async () => {
    const { stdout } = await runProgram(["run", "--help"]);
    const help = stdout.replace(/\s+/g, " ");
    for (const { key, description, default: value } of SETTINGS) {
      expect(help).toContain(`${flagOf(key)} `);
      expect(help).toContain(description);
      if (value !== undefined) expect(help).toContain(`(default: ${Array.isArray(value) ? value.join(",") : value})`);
    }
  });
});

describe("the reference of the logs", () => {
  it.each([
    "commands/run.ts",
    "migrate/untilOpenKruiseEnds.ts",
    "../cluster/leadership.ts",
    "../cluster/startParts.ts",
  ])("tells of every line of %s", (file) => {
    const code = readFileSync(new URL(`../../src/cli/${file}`, import.meta.url), "utf8");
    const messages = [...code.matchAll(/(?:log|tell)\(\s*"(info|warn|error)",\s*"([^"]+)"/g)];
    expect(messages.length).toBeGreaterThan(0);
    for (const [, level, message] of messages) expect(LOGS).toContain(`| \`${message}\` | ${level} |`);
  });
});
