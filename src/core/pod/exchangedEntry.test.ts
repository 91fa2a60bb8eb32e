import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withExchangedEntry } from "./exchangedEntry.ts";
import { encodeEntry, formatHashRecord, type HashEntry, parseHashRecord, withUpgraded } from "./hashRecord.ts";

const NAMES = ["logging", "log", "a<b", "mesh"] as const;
const entryOf = (sidecarSetName: string, hash: string, updateTimestamp: string | null): HashEntry => ({
  updateTimestamp,
  hash,
  sidecarSetName,
  sidecarList: ["logtail"],
  controllerRevision: "r1",
});
const OWN = entryOf("logging", "new", "2026-06-10T00:00:00Z");

function upgraded(text: string): string {
  const hashWithoutImage = parseHashRecord(undefined);
  return withUpgraded({ hash: parseHashRecord(text), hashWithoutImage }, OWN).hash;
}

function exchanged(text: string): string | undefined {
  return withExchangedEntry(text, OWN.sidecarSetName, encodeEntry(OWN));
}

describe("a record with another entry for one of its sets", () => {
  const time = fc.constantFrom("2026-06-01T00:00:00Z", "2025-12-28T23:59:59Z", "0001-01-01T00:00:00Z", null);
  const hash = fc.constantFrom("old", 'a"b', '"logging":{', "<&>", "0001-01-01T00:00:00Z");
  const record = fc
    .uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), hash, time }), { selector: ({ name }) => name })
    .map((entries) => new Map(entries.map((entry) => [entry.name, entryOf(entry.name, entry.hash, entry.time)])));
  const edits = fc.constantFrom(
    (text: string) => text,
    (text: string) => text.replace(":{", ": {"),
    (text: string) => text.replace("updateTimestamp", "UpdateTimestamp"),
    (text: string) => text.replace('"r1"', "7"),
    (text: string) => text.replace("{", '{"logging":{"updateTimestamp":"2026-06-02T00:00:00Z","hash":"first"},'),
  );

  it("is what reading it and writing it again gives, or is left to that", () => {
    fc.assert(
      fc.property(record, edits, (entries, edit) => {
        const text = edit(formatHashRecord(entries));
        expect(exchanged(text) ?? upgraded(text)).toBe(upgraded(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("is told of records as they are usually written, each with its own times", () => {
    for (const at of ["2026-06-01T00:00:00Z", "2026-06-02T11:12:13Z"]) {
      const text = formatHashRecord(
        new Map([
          ["a<b", entryOf("a<b", "x", "2026-05-05T05:05:05Z")],
          ["logging", entryOf("logging", '"logging":{', at)],
          ["mesh", entryOf("mesh", "y", at)],
        ]),
      );
      expect(exchanged(text)).toBe(upgraded(text));
    }
  });

  it("is not told of a record that has no entry of the set", () => {
    expect(exchanged(formatHashRecord(new Map([["mesh", entryOf("mesh", "y", "2026-06-01T00:00:00Z")]])))).toBe(
      undefined,
    );
  });
});
