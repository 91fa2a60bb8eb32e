import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { everyVerb } from "../../src/cli/verbs/everyVerb.ts";
import { INSTALLATION_CHECKS } from "../../src/core/installation/installationFinding.ts";

const page = readFileSync(new URL("../../docs/reference/cli.md", import.meta.url), "utf8");
const [verbTable = ""] = page.split("\n\n").filter((part) => part.startsWith("| verb |"));

describe("the reference of the command line", () => {
  it("has a row for every verb", () => {
    const told = [...verbTable.matchAll(/`([a-z-]+)(?: [a-z]+)?`/g)].map(([, verb]) => verb);
    const missing = everyVerb()
      .map((verb) => verb.name())
      .filter((name) => !told.includes(name));
    expect(missing).toEqual([]);
  });

  it("has a row for every check of an installation, by code and name", () => {
    const rows = [...page.matchAll(/^\| <a id="(c\d+)"><\/a>(C\d+) \| (\w+) \|/gm)].map(([, anchor, code, name]) => {
      expect(anchor).toBe(code!.toLowerCase());
      return [name, code];
    });
    expect(rows).toEqual(Object.entries(INSTALLATION_CHECKS).map(([name, [code]]) => [name, code]));
  });

  it("every verb says what it is for and gives an example", () => {
    for (const verb of everyVerb().flatMap((one) => [one, ...one.commands])) {
      let help = "";
      verb.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(verb.description()).not.toBe("");
      if (verb.commands.length === 0) expect(help, verb.name()).toMatch(/Examples?:\n {2}\$ .*sidecarset /);
    }
  });
});
