import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../kube/object.ts";
import { ok } from "../../result.ts";
import { validateSidecarSet } from "../validateSidecarSet.ts";

function errorsOf(spec: JsonObject): Record<string, string> {
  const errors = validateSidecarSet({
    sidecarSet: {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: { name: "logging" },
      spec: { selector: { matchLabels: { app: "web" } }, containers: [{ name: "log", image: "log:1" }], ...spec },
    },
    existing: [],
    revisions: [],
    metadataRules: { allowedByDefault: true },
    compilePattern: () => ok(() => true),
  });
  return Object.fromEntries(errors.map(({ field, detail }) => [field.replace(/^spec\./, ""), detail]));
}

const updating = (updateStrategy: JsonObject) => errorsOf({ updateStrategy });
const injecting = (injectionStrategy: JsonObject) => errorsOf({ injectionStrategy });
const overriding = (...podOverrides: readonly string[]) =>
  errorsOf({ containers: [{ name: "log", image: "log:1", podOverrides }] });

describe("the fields that we add", () => {
  it("may all be used", () => {
    const spec = {
      containers: [{ name: "log", image: "log:1", podOverrides: ["imageTag", "resources", "env:LOG_LEVEL"] }],
      injectionStrategy: {
        failurePolicy: "Ignore",
        order: -5,
        optOut: "Deny",
        engine: "AdmissionPolicy",
        repair: "Evict",
        revision: { policy: "FollowPartition" },
      },
      updateStrategy: {
        maxUnavailablePerOwner: "20%",
        nonImageChange: "Recreate",
        resourceChange: "Resize",
        onFailure: { maxFailed: "5%", action: "Rollback" },
        progressDeadlineSeconds: 1,
        minReadySeconds: 0,
        steps: [
          { selector: { matchLabels: { canary: "true" } }, pause: {} },
          { partition: "50%", pause: { seconds: 0 } },
        ],
        podGates: ["Ready", "example.com/warmed-up"],
        imagePrePull: { parallelism: 1 },
      },
    };
    expect(errorsOf(spec)).toEqual({});
  });

  it("are judged all at once", () => {
    const spec = {
      injectionStrategy: { failurePolicy: "fail", optOut: "No", engine: "", repair: "Restart" },
      updateStrategy: { type: "NotUpdate", nonImageChange: "Evict", resourceChange: "Recreate", minReadySeconds: -1 },
    };
    expect(errorsOf(spec)).toEqual({
      "injectionStrategy.failurePolicy": "supported values: Fail, Ignore",
      "injectionStrategy.optOut": "supported values: Allow, Deny",
      "injectionStrategy.engine": "supported values: Webhook, AdmissionPolicy",
      "injectionStrategy.repair": "supported values: None, Evict",
      "updateStrategy.nonImageChange": "supported values: Skip, Recreate",
      "updateStrategy.resourceChange": "supported values: Skip, Resize",
      "updateStrategy.minReadySeconds": "must be 0 or more",
    });
  });

  it.each([
    ["Always", ["injectionStrategy.revision"]],
    ["Partial", ["injectionStrategy.revision"]],
    ["FollowPartition", []],
    ["Sometimes", ["injectionStrategy.revision.policy", "injectionStrategy.revision"]],
  ])("a revision policy %s without a pin is wrong at %j", (policy, fields) => {
    expect(Object.keys(injecting({ revision: { policy } }))).toEqual(fields);
  });

  it.each([
    [{ maxUnavailablePerOwner: "half" }, "maxUnavailablePerOwner", "must be a number of pods"],
    [{ maxUnavailablePerOwner: -1 }, "maxUnavailablePerOwner", "must be a number of pods"],
    [{ progressDeadlineSeconds: 0 }, "progressDeadlineSeconds", "must be 1 or more"],
    [{ imagePrePull: { parallelism: 0 } }, "imagePrePull.parallelism", "must be 1 or more"],
    [{ onFailure: {} }, "onFailure.action", "Continue, Pause or Rollback"],
    [{ onFailure: { action: "Stop" } }, "onFailure.action", "Continue, Pause, Rollback"],
    [{ onFailure: { action: "Pause", maxFailed: 0 } }, "onFailure.maxFailed", "before any pod has failed"],
    [{ onFailure: { action: "Pause", maxFailed: "0%" } }, "onFailure.maxFailed", "before any pod has failed"],
    [{ onFailure: { action: "Pause", maxFailed: "ten" } }, "onFailure.maxFailed", "must be a number of pods"],
    [{ podGates: ["warmed up"] }, "podGates[0]", "letters, digits"],
    [{ podGates: [""] }, "podGates[0]", "must not be empty"],
    [{ podGates: ["Ready", "Ready"] }, "podGates[1]", "listed already"],
  ])("%j is refused at %s: %s", (strategy, field, detail) => {
    expect(updating(strategy)).toEqual({ [`updateStrategy.${field}`]: expect.stringContaining(detail) });
  });
});

describe("the steps of a release", () => {
  const canary = { matchLabels: { canary: "true" } };

  it.each<readonly [JsonObject, string, string]>([
    [{}, "", "give a partition or a selector"],
    [{ pause: {} }, "", "give a partition or a selector"],
    [{ partition: 1, selector: canary }, "", "either a partition or a selector"],
    [{ partition: "half" }, ".partition", "must be a number of pods"],
    [{ selector: {} }, ".selector", "matchLabels or matchExpressions"],
    [{ selector: { matchLabels: { a: "b c" } } }, ".selector.matchLabels[a]", "a label value"],
    [{ partition: 0, pause: { seconds: -1 } }, ".pause.seconds", "must be 0 or more"],
  ])("the step %j is refused at its %s: %s", (step, field, detail) => {
    expect(updating({ steps: [{ partition: 9 }, step] })).toEqual({
      [`updateStrategy.steps[1]${field}`]: expect.stringContaining(detail),
    });
  });

  it("stand alone: a selector or a partition beside them would hold back otherwise", () => {
    const steps = [{ partition: "50%" }, { partition: 0 }];
    expect(updating({ steps, selector: canary, partition: 3 })).toEqual({
      "updateStrategy.partition": "must be 0 beside steps; write it into a step",
      "updateStrategy.selector": "must not stand beside steps; write it into a step",
    });
    expect(updating({ steps, partition: 0 })).toEqual({});
    expect(updating({ steps, partition: "0%" })).toEqual({});
    expect(updating({ steps: [], selector: canary, partition: 3 })).toEqual({});
  });
});

describe("what a pod may override", () => {
  it.each([
    ["image", "supported values: imageTag, resources, env:NAME"],
    ["", "supported values: imageTag, resources, env:NAME"],
    ["env:", "the name of a variable is expected"],
    ["env:A=B", "the name of a variable is expected"],
    ["env:A B", "no pod could have the annotation sidecarset.kruise.io/override.log.env.A B"],
    [`env:${"A".repeat(60)}`, "no more than 63 characters"],
    ["env:IS_INJECTED", "IS_INJECTED tells sidecars about themselves"],
  ])("%j is refused: %s", (what, detail) => {
    expect(overriding("resources", what)).toEqual({ "containers[0].podOverrides[1]": expect.stringContaining(detail) });
  });

  it("is said by an annotation, for which the name of the container can be too long", () => {
    const withName = (length: number) =>
      errorsOf({ containers: [{ name: "a".repeat(length), image: "log:1", podOverrides: ["imageTag"] }] });
    expect(withName(45)).toEqual({});
    expect(withName(46)).toEqual({
      "containers[0].podOverrides[0]": expect.stringContaining(
        "no pod could have the annotation sidecarset.kruise.io/",
      ),
    });
  });

  it("is listed once, for init containers too", () => {
    expect(overriding("env:A", "imageTag", "env:A")).toEqual({
      "containers[0].podOverrides[2]": "it is listed already",
    });
    const initContainers = [{ name: "init", image: "init:1", podOverrides: ["command"] }];
    expect(Object.keys(errorsOf({ initContainers }))).toEqual(["initContainers[0].podOverrides[0]"]);
  });
});
