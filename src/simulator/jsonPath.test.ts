import { describe, expect, it } from "vitest";
import { compileJsonPath } from "./jsonPath.ts";

const OBJECT = {
  metadata: { labels: { "app.io/name": "web" } },
  status: {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }, { type: "Other" }],
    addresses: ["a", "b"],
  },
};

describe("a path of a printer column", () => {
  it.each([
    [".status.phase", ["Running"]],
    ["{.status.phase}", ["Running"]],
    [".metadata.labels['app\\.io/name']", ["web"]],
    [".metadata.labels.app\\.io/name", ["web"]],
    [".status.addresses[1]", ["b"]],
    [".status.addresses[-1]", ["b"]],
    [".status.addresses[*]", ["a", "b"]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.missing.deep", []],
  ])("%s", (path, expected) => {
    const compiled = compileJsonPath(path);
    expect(compiled.ok && compiled.value(OBJECT)).toEqual(expected);
  });

  it("is refused from the place on that is not understood", () => {
    expect(compileJsonPath(".status..x")).toMatchObject({ ok: false, error: expect.stringContaining('from "..x" on') });
  });
});
