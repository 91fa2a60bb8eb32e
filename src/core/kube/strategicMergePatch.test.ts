import { describe, expect, it } from "vitest";
import type { JsonObject } from "./object.ts";
import { applyStrategicMergePatch } from "./strategicMergePatch.ts";

function patched(target: JsonObject, patch: JsonObject): unknown {
  const result = applyStrategicMergePatch(target, patch);
  return result.ok ? result.value : result.error;
}

const containers = [
  { name: "app", image: "app:1", env: [{ name: "A", value: "1" }] },
  { name: "side", image: "side:1" },
];

describe("a strategic merge patch", () => {
  it("merges containers by name and keeps what it does not mention", () => {
    expect(patched({ containers }, { containers: [{ name: "side", image: "side:2" }] })).toEqual({
      containers: [containers[0], { name: "side", image: "side:2" }],
    });
  });

  it("keeps a condition in its place and puts a new one at the head", () => {
    const conditions = [
      { type: "Ready", status: "False", reason: "X" },
      { type: "PodScheduled", status: "True" },
    ];
    const patch = {
      conditions: [
        { type: "PodScheduled", status: "False" },
        { type: "New", status: "True", reason: null },
      ],
    };
    expect(patched({ conditions }, { conditions: [{ type: "New", status: "True", reason: null }] })).toEqual({
      conditions: [{ type: "New", status: "True" }, ...conditions],
    });
    expect(patched({ conditions }, patch)).toEqual({
      conditions: [conditions[0], { type: "PodScheduled", status: "False" }, { type: "New", status: "True" }],
    });
  });

  it("takes a reason away with null", () => {
    const conditions = [{ type: "Ready", status: "False", reason: "X" }];
    const patch = { conditions: [{ type: "Ready", status: "True", reason: null }] };
    expect(patched({ conditions }, patch)).toEqual({ conditions: [{ type: "Ready", status: "True" }] });
  });

  it("replaces lists that have no key", () => {
    expect(patched({ args: ["a", "b"], tolerations: [{ key: "x" }] }, { args: ["c"], tolerations: [] })).toEqual({
      args: ["c"],
      tolerations: [],
    });
  });

  it("deletes an item, replaces a list and orders it when told to", () => {
    expect(patched({ containers }, { containers: [{ name: "app", $patch: "delete" }] })).toEqual({
      containers: [containers[1]],
    });
    expect(patched({ containers }, { containers: [{ $patch: "replace" }, { name: "new" }] })).toEqual({
      containers: [{ name: "new" }],
    });
    const order = {
      "$setElementOrder/containers": [{ name: "side" }, { name: "app" }],
      containers: [{ name: "app", image: "app:2" }],
    };
    expect(patched({ containers }, order)).toEqual({
      containers: [containers[1], { ...containers[0], image: "app:2" }],
    });
  });

  it("merges finalizers as a set, and deletes from it by name", () => {
    expect(patched({ finalizers: ["a"] }, { finalizers: ["b", "a"] })).toEqual({ finalizers: ["a", "b"] });
    expect(patched({ finalizers: ["a", "b"] }, { "$deleteFromPrimitiveList/finalizers": ["a"] })).toEqual({
      finalizers: ["b"],
    });
  });

  it("keeps only the named keys of a map", () => {
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } };
    expect(patched({ strategy }, { strategy: { $retainKeys: ["type"], type: "Recreate" } })).toEqual({
      strategy: { type: "Recreate" },
    });
  });

  it("is refused when an item lacks the key", () => {
    expect(patched({ containers }, { containers: [{ image: "x" }] })).toBe(
      'map: {"image":"x"} does not contain declared merge key: name',
    );
  });
});
