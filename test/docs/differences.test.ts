import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCorpora } from "../golden/goldenCase.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CORPORA = loadCorpora(join(ROOT, "test/golden/cases"));
const [DIFFERENCES, DEFECTS, ROLLOUT_DEFECTS] = readFileSync(join(ROOT, "docs/reference/differences.md"), "utf8").split(
  /^## Known defects of the original.*$/m,
) as [string, string, string];

describe("the tables of differences", () => {
  const rows = rowsOf(DIFFERENCES);

  it("has each id once", () => {
    const ids = rows.map(([id]) => id!);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index || !/^`[a-z-]+`$/.test(id))).toEqual([]);
  });

  it.each(rows.map((row) => [row[0]!, row.at(-1)!] as const))("%s is held by what exists", (_, heldBy) => {
    const paths = heldBy.match(/\b(?:src|test)\/[\w/.]+/g) ?? [];
    const corpora = [...heldBy.matchAll(/golden corp(?:us|ora) ([\w-]+(?:, [\w-]+(?![\w/-]))*)/g)].flatMap(
      ([, names]) => names!.split(", "),
    );
    expect([...paths, ...corpora]).not.toEqual([]);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(corpora.filter((corpus) => !CORPORA.has(corpus))).toEqual([]);
  });
});

describe.each([
  { of: "API and injection", table: DEFECTS, letter: "D", length: 40 },
  { of: "the rollout", table: ROLLOUT_DEFECTS, letter: "R", length: 38 },
])("the table of known defects of $of", ({ table, letter, length }) => {
  const rows = rowsOf(table);

  it("decides each of them once, in their order", () => {
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length }, (_, index) => `${letter}${index + 1}`));
    const decisions = new Set(rows.map(([, , decision]) => decision));
    expect(decisions).toEqual(new Set(["kept", "fixed", "partly"]));
  });

  it.each(rows.map((row) => [row[0]!, row.at(-1)!] as const))("%s is held by tests that exist", (_, heldBy) => {
    expect(heldBy.split(/; (?=golden corpus |src\/|test\/)/).flatMap(troubleWith)).toEqual([]);
  });

  it("names only differences that the other tables have", () => {
    const ids = new Set(rowsOf(DIFFERENCES).map(([id]) => id));
    const named = rows.flatMap((row) => row[3]!.match(/`[a-z]+(?:-[a-z]+)+`/g) ?? []);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });
});

/** `golden corpus NAME`, `golden corpus NAME (`quirk`)`, or `file: “words of its test”`. */
function troubleWith(entry: string): string[] {
  const [, corpus, quirk] = /^golden corpus ([\w-]+)(?: \(`([\w-]+)`\))?$/.exec(entry) ?? [];
  if (corpus !== undefined) {
    const found = CORPORA.get(corpus)?.some((one) => quirk === undefined || one.quirk === quirk);
    return found ? [] : [`no recorded case: ${entry}`];
  }
  const [, file, words] = /^(\S+\.test\.ts): “(.+)”$/.exec(entry) ?? [];
  if (file === undefined || !existsSync(join(ROOT, file))) return [`no such test file: ${entry}`];
  return readFileSync(join(ROOT, file), "utf8").includes(`"${words}"`) ? [] : [`no test of these words: ${entry}`];
}

/** Of all tables, without their headings. */
function rowsOf(markdown: string): readonly string[][] {
  return markdown
    .split("\n")
    .filter((line) => /^\| (?!id \||--- \|)/.test(line))
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim()),
    );
}
