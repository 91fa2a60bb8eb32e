import { describe, expect, it } from "vitest";
import { imagePatch } from "./imagePatch.ts";

const SPEC = {
  initContainers: [{ name: "proxy", image: "proxy:1", restartPolicy: "Always" }],
  containers: [
    { name: "log", image: "log:1", env: [{ name: "A" }] },
    { name: "mesh", image: "mesh:1" },
  ],
};

describe("a patch of images", () => {
  it("replaces the list that holds the sidecar, and nothing else in it", () => {
    expect(imagePatch(SPEC, new Map([["log", "log:2"]]))).toEqual({
      ok: true,
      value: { containers: [{ name: "log", image: "log:2", env: [{ name: "A" }] }, SPEC.containers[1]] },
    });
  });

  it("reaches both lists", () => {
    const both = new Map([
      ["proxy", "proxy:2"],
      ["mesh", "mesh:2"],
    ]);
    expect(imagePatch(SPEC, both)).toMatchObject({
      value: { initContainers: [{ image: "proxy:2" }], containers: [{ image: "log:1" }, { image: "mesh:2" }] },
    });
  });

  it("is none when the images are so already", () => {
    expect(imagePatch(SPEC, new Map([["log", "log:1"]]))).toEqual({ ok: true, value: undefined });
  });

  it("refuses a sidecar that is not there, and a text that is no image", () => {
    expect(imagePatch(SPEC, new Map([["logs", "log:2"]]))).toMatchObject({
      error: { because: "noSuchSidecar", known: ["containers", "initContainers"].flatMap(namesIn) },
    });
    expect(imagePatch(SPEC, new Map([["log", "Log:2"]]))).toMatchObject({ error: { because: "noImage" } });
  });
});

function namesIn(list: string): readonly string[] {
  return SPEC[list as keyof typeof SPEC].map(({ name }) => name);
}
