import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { objectsOf } from "../../generate/install/installation.ts";
import { runProgram } from "./runProgram.ts";

const INSTALLED = ["crd.yaml", "rights.yaml", "manager.yaml", "surroundings.yaml", "flow-control.yaml"];

describe("sidecarset install", () => {
  it("prints what the chart installs for that image and namespace", async () => {
    const image = ["--image", "registry.local:5000/tools/sidecarset:9.9"];
    const { code, stdout } = await runProgram(["install", ...image, "--system-namespace", "sidecars"]);
    const printed = parseAllDocuments(stdout).map((document) => document.toJS() as object);
    const values = { image: { repository: "registry.local:5000/tools/sidecarset", tag: "9.9" }, crds: { keep: false } };
    const [namespace, ...others] = printed;
    expect(namespace).toMatchObject({ kind: "Namespace", metadata: { name: "sidecars" } });
    expect(others).toEqual(objectsOf(INSTALLED, { namespace: "sidecars", values }));
    expect(code).toBe(0);
  });

  it.each([
    [[], "required option '--image <image>' not specified"],
    [["--image", "a b"], '--image "a b": REGISTRY/NAME:TAG is expected'],
    [["--image", "a", "--system-namespace", "Bad"], '--system-namespace "Bad": lower-case letters'],
  ])("refuses %j", async (args, why) => {
    const { code, stderr } = await runProgram(["install", ...args]);
    expect(stderr).toContain(why);
    expect(code).toBe(2);
  });
});
