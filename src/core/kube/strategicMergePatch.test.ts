import { describe, expect, it } from "vitest";
import type { JsonObject } from "./object.ts";
import { applyStrategicMergePatch } from "./strategicMergePatch.ts";

function patched(target: JsonObject, patch: JsonObject): unknown {
  const result = applyStrategicMergePatch(target, patch);
  return result.ok ? result.value : result.error;
}

const TWO = {
  containers: [
    { name: "main", image: "nginx:1", env: [{ name: "A", value: "1" }] },
    { name: "side", image: "busybox" },
  ],
};

describe("a strategic merge patch", () => {
  it("changes the container it names and leaves the others", () => {
    expect(patched(TWO, { containers: [{ name: "main", image: "nginx:2" }] })).toEqual({
      containers: [{ ...TWO.containers[0], image: "nginx:2" }, TWO.containers[1]],
    });
  });

  it("appends new items, and deletes the ones marked so", () => {
    const patch = {
      containers: [
        { name: "new", image: "a" },
        { $patch: "delete", name: "side" },
      ],
    };
    expect(patched(TWO, patch)).toEqual({ containers: [TWO.containers[0], { name: "new", image: "a" }] });
  });

  it("replaces a list or an object when it says so", () => {
    expect(patched(TWO, { containers: [{ $patch: "replace" }, { name: "only", image: "a" }] })).toEqual({
      containers: [{ name: "only", image: "a" }],
    });
    expect(patched({ selector: { a: "1" } }, { selector: { $patch: "replace", b: "2" } })).toEqual({
      selector: { b: "2" },
    });
  });

  it("replaces lists without a merge key, unites finalizers, removes by null", () => {
    const target = { args: ["a", "b"], finalizers: ["x"], gone: 1 };
    expect(patched(target, { args: ["c"], finalizers: ["y"], gone: null })).toEqual({
      args: ["c"],
      finalizers: ["x", "y"],
    });
  });

  it("takes values off a plain list", () => {
    expect(patched({ finalizers: ["x", "y"] }, { "$deleteFromPrimitiveList/finalizers": ["x"] })).toEqual({
      finalizers: ["y"],
    });
  });

  it("orders items as told; those the sender does not know stay where they were", () => {
    const target = { containers: [{ name: "a" }, { name: "injected" }, { name: "b" }] };
    const patch = {
      "$setElementOrder/containers": [{ name: "b" }, { name: "c" }, { name: "a" }],
      containers: [{ name: "c" }],
    };
    const result = patched(target, patch) as { containers: { name: string }[] };
    expect(result.containers.map(({ name }) => name)).toEqual(["injected", "b", "c", "a"]);
  });

  it("keeps only the named keys of a union", () => {
    const target = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } };
    expect(patched(target, { strategy: { $retainKeys: ["type"], type: "Recreate" } })).toEqual({
      strategy: { type: "Recreate" },
    });
  });

  it("needs the merge key", () => {
    expect(patched(TWO, { containers: [{ image: "a" }] })).toMatch(/does not contain declared merge key: name/);
  });
});
