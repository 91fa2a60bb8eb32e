import { describe, expect, it } from "vitest";
import {
  formatInjectedList,
  formatWorkingContainers,
  isListed,
  parseInjectedList,
  parseWorkingContainers,
  readBookkeeping,
  workingTwin,
} from "./bookkeeping.ts";

describe("the injected list", () => {
  it("is written sorted and once each", () => {
    expect(formatInjectedList(["mesh", "log", "mesh"])).toBe("log,mesh");
  });

  it("keeps blanks as part of a name", () => {
    expect(parseInjectedList("a, b")).toEqual(["a", " b"]);
  });

  it("has a name where it has that name as a whole", () => {
    const listed = (text: string) => isListed(text, "log");
    expect(["log", "log,mesh", "a,log,b", "mesh,log", "logs,log"].map(listed)).toEqual([true, true, true, true, true]);
    expect(["", "logs", "a-log", "log ", "a,logs,b-log"].map(listed)).toEqual([false, false, false, false, false]);
  });

  it("reads as no names when it is absent or empty", () => {
    expect([parseInjectedList(undefined), parseInjectedList("")]).toEqual([[], []]);
  });
});

describe("the working containers of hot-upgrade pairs", () => {
  it("are written with sorted keys", () => {
    expect(
      formatWorkingContainers(
        new Map([
          ["mesh", "mesh-1"],
          ["envoy", "envoy-2"],
        ]),
      ),
    ).toBe('{"envoy":"envoy-2","mesh":"mesh-1"}');
  });

  it("keep the readable members of a broken record", () => {
    expect([...parseWorkingContainers('{"mesh":"mesh-2","envoy":7}')]).toEqual([
      ["mesh", "mesh-2"],
      ["envoy", ""],
    ]);
    expect([...parseWorkingContainers("no json")]).toEqual([]);
  });

  it.each([
    ["mesh-1", "mesh-1"],
    ["mesh-2", "mesh-2"],
    ["mesh", "mesh-2"],
    [undefined, "mesh-2"],
  ])("record %s means that %s works", (recorded, working) => {
    const map = new Map(recorded === undefined ? [] : [["mesh", recorded]]);
    expect(workingTwin(map, "mesh").working).toBe(working);
  });
});

describe("reading all of a pod's bookkeeping", () => {
  it("never throws, whatever stands in the annotations", () => {
    for (const garbage of [
      "",
      "null",
      "[]",
      "7",
      '"x"',
      "{",
      '{"a":[1]}',
      '{"__proto__":{"hash":1}}',
      '{"a":{"hash":{}}}',
    ]) {
      const annotations = {
        "kruise.io/sidecarset-hash": garbage,
        "kruise.io/sidecarset-hash-without-image": garbage,
        "kruise.io/sidecarset-injected-list": garbage,
        "kruise.io/sidecarset-inplace-update-state": garbage,
        "kruise.io/sidecarset-working-hotupgrade-container": garbage,
      };
      expect(() => readBookkeeping(annotations)).not.toThrow();
    }
  });
});
