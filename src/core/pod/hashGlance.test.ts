import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { glanceAt } from "./hashGlance.ts";
import { parseHashRecord } from "./hashRecord.ts";

const TIMES = ["2026-06-01T00:00:00Z", "2026-06-01T12:34:56Z", "2026-06-31T00:00:00Z", "0000-01-01T00:00:00Z"];
const ODD_TIMES = ["2026-13-01T00:00:00Z", "2026-06-01T25:00:00Z", "never", "", "2026-06-01T00:00:00+02:00", '\\"'];

const entry = fc.tuple(
  fc.constantFrom("logging", "mesh", "updateTimestamp"),
  fc.oneof(fc.constantFrom(...TIMES), fc.constantFrom(...TIMES, ...ODD_TIMES)),
  fc.constantFrom("old", "new", '\\"updateTimestamp\\":\\"2026-06-01T00:00:00Z\\"'),
);
const texts = fc.oneof(
  fc
    .array(entry, { maxLength: 3 })
    .map((entries) => entries.map(([set, time, hash]) => `"${set}":{"updateTimestamp":"${time}","hash":"${hash}"}`))
    .map((members) => `{${members.join(",")}}`),
  fc.constantFrom("", "null", "{", '{"logging":"legacy"}', '{"updateTimestamp":"2026-06-01T00:00:00Z"}'),
);

describe("a glance at a hash record", () => {
  it("sees what reading it says, whatever was looked at before", () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), (looked) => {
        for (const text of looked) {
          const read = [...parseHashRecord(text).entries].map(([name, { hash, controllerRevision }]) => [
            name,
            { hash, controllerRevision },
          ]);
          const seen = [...glanceAt(text)].map(([name, { hash, controllerRevision }]) => [
            name,
            { hash, controllerRevision },
          ]);
          expect(seen).toEqual(read);
        }
      }),
      { numRuns: 500 },
    );
  });
});
