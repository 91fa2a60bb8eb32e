import { describe, expect, it } from "vitest";
import { formatHashRecord, type HashEntry, parseHashRecord, withInjected, withUpgraded } from "./hashRecord.ts";
import { formatTime } from "./recordJson.ts";

const NOW = "2024-05-01T08:00:00Z";

describe("a hash record", () => {
  it("is written compact with sorted sets, its keys in the known order and the revision only when there is one", () => {
    const entries = new Map([
      ["mesh", anEntry({ sidecarSetName: "mesh", hash: "h<1>" })],
      [
        "log",
        anEntry({ sidecarSetName: "log", updateTimestamp: null, sidecarList: null, controllerRevision: "log-7f" }),
      ],
    ]);
    expect(formatHashRecord(entries)).toBe(
      '{"log":{"updateTimestamp":null,"hash":"h","sidecarSetName":"log","sidecarList":null,"controllerRevision":"log-7f"},' +
        `"mesh":{"updateTimestamp":"${NOW}","hash":"h\\u003c1\\u003e","sidecarSetName":"mesh","sidecarList":[]}}`,
    );
  });

  it("reads keys in any case, drops unknown ones and brings times to UTC seconds", () => {
    const record = parseHashRecord(
      '{"a":{"HASH":"x","updatetimestamp":"2024-05-01T10:00:00.75+02:00","sidecarList":["s"],"later":1}}',
    );
    expect(record.form).toBe("current");
    expect(formatHashRecord(record.entries)).toBe(
      `{"a":{"updateTimestamp":"${NOW}","hash":"x","sidecarSetName":"","sidecarList":["s"]}}`,
    );
  });

  it.each([undefined, ""])("%j is absent", (text) => {
    expect(parseHashRecord(text).form).toBe("absent");
  });

  it("reads null as an empty map and a null member as an empty entry", () => {
    expect(parseHashRecord("null")).toMatchObject({ form: "current", entries: new Map() });
    expect(parseHashRecord('{"a":null}').entries.get("a")?.hash).toBe("");
  });

  it.each(["[]", "7", "no json", '{"a":"h","b":{"hash":"i"}}', '{"a":{"hash":7}}', '{"a":{"updateTimestamp":"soon"}}'])(
    "%s is unreadable and says nothing about any set",
    (text) => {
      const record = parseHashRecord(text);
      expect(record.form).toBe("unreadable");
      expect(record.entries.size).toBe(0);
      expect(record.trouble).not.toEqual([]);
    },
  );

  it("is the oldest form when every member is a string", () => {
    const record = parseHashRecord('{"a":"h1","b":null}');
    expect(record.form).toBe("legacy");
    expect(formatHashRecord(record.entries)).toBe(
      '{"a":{"updateTimestamp":null,"hash":"h1","sidecarSetName":"a","sidecarList":null},' +
        '"b":{"updateTimestamp":null,"hash":"","sidecarSetName":"b","sidecarList":null}}',
    );
  });
});

describe("recording an injection", () => {
  it("replaces the set's entry and keeps the others, from the oldest form under their own names", () => {
    const entries = withInjected(parseHashRecord('{"a":"old","b":"kept"}'), [
      anEntry({ sidecarSetName: "a", hash: "new" }),
    ]);
    expect([...entries.values()].map(({ sidecarSetName, hash }) => [sidecarSetName, hash])).toEqual([
      ["a", "new"],
      ["b", "kept"],
    ]);
  });
});

describe("recording an upgrade", () => {
  const own = anEntry({ sidecarSetName: "s", hash: "new" });
  const upgraded = (hash: string | undefined, hashWithoutImage: string | undefined) =>
    withUpgraded({ hash: parseHashRecord(hash), hashWithoutImage: parseHashRecord(hashWithoutImage) }, own);
  const ownText = `"s":{"updateTimestamp":"${NOW}","hash":"new","sidecarSetName":"s","sidecarList":[]}`;
  const lifted = (key: string, hash: string) =>
    `"${key}":{"updateTimestamp":"${NOW}","hash":"${hash}","sidecarSetName":"s","sidecarList":null}`;

  it("leaves the record without image alone, also when just that one has the oldest form", () => {
    expect(upgraded('{"s":{"hash":"old"}}', '{"s":"n"}')).toEqual({
      hash: `{${ownText}}`,
      hashWithoutImage: undefined,
    });
  });

  it("lifts the oldest form under the name of the upgraded set", () => {
    expect(upgraded('{"o":"1","s":"2"}', '{"s":"n"}')).toEqual({
      hash: `{${lifted("o", "1")},${ownText}}`,
      hashWithoutImage: `{${lifted("o", "1")},${lifted("s", "n")}}`,
    });
  });

  it("lifts the record without image when the hash record is absent", () => {
    expect(upgraded(undefined, '{"s":"n"}')).toEqual({
      hash: `{${ownText}}`,
      hashWithoutImage: `{${lifted("s", "n")}}`,
    });
  });

  it("keeps what a mixed record has in the current form and empties the rest", () => {
    expect(upgraded('{"o":{"hash":"1","sidecarSetName":"o","sidecarList":["x"]},"p":"2"}', "no json").hash).toBe(
      '{"o":{"updateTimestamp":null,"hash":"1","sidecarSetName":"o","sidecarList":["x"]},' +
        `"p":{"updateTimestamp":null,"hash":"","sidecarSetName":"","sidecarList":null},${ownText}}`,
    );
  });
});

describe("a time", () => {
  it("is cut to whole seconds", () => {
    expect(formatTime(Date.parse("2024-05-01T08:00:00.999Z"))).toBe(NOW);
  });
});

function anEntry(fields: Partial<HashEntry>): HashEntry {
  return { updateTimestamp: NOW, hash: "h", sidecarSetName: "s", sidecarList: [], controllerRevision: "", ...fields };
}
