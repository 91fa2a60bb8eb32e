import { describe, expect, it } from "vitest";
import { aSidecarSetObject } from "../../test/aSidecarSet.ts";
import { type ValidationRequest, validateSidecarSet } from "./sidecarset.ts";

describe("validating a SidecarSet from code", () => {
  it("needs nothing but the SidecarSet", () => {
    expect(fields({})).toEqual([]);
    expect(fields({ sidecarSet: {} })).toContain("spec.selector");
  });

  it("takes a pin on trust until the SidecarSets and revisions of the cluster are given", () => {
    const sidecarSet = aSidecarSetObject({ injectionStrategy: { revision: { revisionName: "logging-1" } } });
    const pin = ["spec.injectionStrategy.revision.revisionName"];
    expect(fields({ sidecarSet })).toEqual([]);
    expect(fields({ sidecarSet, existing: [] })).toEqual([]);
    expect(fields({ sidecarSet, existing: [], revisions: [] })).toEqual(pin);
  });

  it("finds conflicts with the others of the cluster", () => {
    const existing = [aSidecarSetObject({}, { name: "other" })];
    expect(fields({ existing })).toEqual(["spec.containers[0].name"]);
  });

  it("knows Go's regular expressions", () => {
    const policy = (targetContainersNameRegex: string) => ({
      targetContainersMode: "sum",
      targetContainersNameRegex,
      resourcesExpr: { limits: { cpu: "cpu" } },
    });
    const of = (regex: string) =>
      fields({
        sidecarSet: aSidecarSetObject({
          containers: [{ name: "logtail", image: "logtail:2", resourcesPolicy: policy(regex) }],
        }),
      });
    expect(of("(?i)^WEB$")).toEqual([]);
    expect(of("(?=web)")).toEqual(["spec.containers[0].resourcesPolicy.targetContainersNameRegex"]);
  });

  it("lets a change keep what was stored before", () => {
    const sidecarSet = aSidecarSetObject({ updateStrategy: { type: "Rolling" } });
    expect(fields({ sidecarSet })).toEqual(["spec.updateStrategy.type"]);
    expect(fields({ sidecarSet, old: sidecarSet })).toEqual([]);
  });

  it("allows what the white list allows, and everything without one", () => {
    const sidecarSet = aSidecarSetObject({ patchPodMetadata: [{ annotations: { "team/owner": "infra" } }] });
    const rules = (expression: string) => ({
      whitelist: JSON.stringify({ rules: [{ allowedAnnotationKeyExprs: [expression] }] }),
      allowedByDefault: false,
    });
    expect(fields({ sidecarSet })).toEqual([]);
    expect(fields({ sidecarSet, metadataRules: rules("^team/") })).toEqual([]);
    expect(fields({ sidecarSet, metadataRules: rules("^other/") })).toEqual([
      "spec.patchPodMetadata[0].annotations[team/owner]",
    ]);
  });

  it("names the place of what is given beside and cannot be read", () => {
    expect(fields({ existing: [aSidecarSetObject(), { spec: 7 }] })).toEqual(["existing[1].spec"]);
    expect(fields({ revisions: [null as never] })).toEqual(["revisions[0]"]);
  });
});

function fields(request: Partial<ValidationRequest>): readonly string[] {
  return validateSidecarSet({ sidecarSet: aSidecarSetObject(), ...request }).map(({ field }) => field);
}
