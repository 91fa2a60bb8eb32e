import { describe, expect, it } from "vitest";
import { formatInPlaceStates, parseInPlaceStates, withImageChange } from "./inPlaceState.ts";

const NOW = "2024-05-01T08:00:00Z";
const change = { sidecarSet: "s", hash: "h2", updateTimestamp: NOW };

describe("the in-place state", () => {
  it("starts with the hash and time of the first update", () => {
    expect(written(undefined, { log: "id-1" })).toBe(
      `{"s":{"revision":"h2","updateTimestamp":"${NOW}","lastContainerStatuses":{"log":{"imageID":"id-1"}}}}`,
    );
  });

  it("keeps that hash and time for ever and other containers' images", () => {
    const before =
      '{"s":{"revision":"h1","updateTimestamp":"2020-01-01T00:00:00Z","lastContainerStatuses":{"b":{"imageID":"b1"},"a":{"imageID":"a1"}}}}';
    expect(written(before, { b: "b2" })).toBe(
      '{"s":{"revision":"h1","updateTimestamp":"2020-01-01T00:00:00Z","lastContainerStatuses":{"a":{"imageID":"a1"},"b":{"imageID":"b2"}}}}',
    );
  });

  it("notes a container without an imageID as an empty object", () => {
    expect(written(undefined, { log: "" })).toContain('"lastContainerStatuses":{"log":{}}');
  });

  it("is written also when no image changed", () => {
    expect(written(undefined, {})).toContain('"lastContainerStatuses":{}');
  });

  it("keeps null statuses until an image changes", () => {
    expect(written('{"s":{"revision":"h1"}}', {})).toBe(
      '{"s":{"revision":"h1","updateTimestamp":null,"lastContainerStatuses":null}}',
    );
    expect(written('{"s":{"lastContainerStatuses":null}}', { log: "x" })).toContain('{"log":{"imageID":"x"}}');
  });

  it("passes on what other writers put there, in the known order, without empty and unknown fields", () => {
    const before =
      '{"s":{"unknown":1,"preCheckBeforeNext":{"z":"<","a":1},"updateImages":true,"updateResources":false,"nextContainerImages":{},"revision":"r"}}';
    expect(written(before, {})).toBe(
      '{"s":{"revision":"r","updateTimestamp":null,"lastContainerStatuses":null,"updateImages":true,"preCheckBeforeNext":{"z":"\\u003c","a":1}}}',
    );
  });

  it("treats a null state as none", () => {
    expect(written('{"s":null}', { log: "x" })).toContain('"revision":"h2"');
  });

  it("keeps the readable parts of a broken one and says that it is broken", () => {
    const parsed = parseInPlaceStates(
      '{"s":{"revision":7,"lastContainerStatuses":{"a":{"imageID":"1"},"b":2}},"t":"x"}',
    );
    expect(parsed.readable).toBe(false);
    expect([...parsed.states.get("s")!.lastContainerStatuses!]).toEqual([
      ["a", "1"],
      ["b", ""],
    ]);
    expect(parseInPlaceStates("no json")).toEqual({ readable: false, states: new Map() });
  });
});

function written(before: string | undefined, imageIds: Record<string, string>): string {
  const { states } = parseInPlaceStates(before);
  return formatInPlaceStates(withImageChange(states, { ...change, imageIds: new Map(Object.entries(imageIds)) }));
}
