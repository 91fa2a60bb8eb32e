import { describe, expect, it } from "vitest";
import type { JsonObject } from "../kube/object.ts";
import type { Container } from "../kube/pod.ts";
import { err, ok } from "../result.ts";
import type { ResourcesPolicy, SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { applyResourcesPolicy } from "./resourcesPolicy.ts";

interface Scene {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly otherSidecarNames?: readonly string[];
  readonly policy?: Partial<ResourcesPolicy>;
  readonly resources?: JsonObject;
}

/** The resources, or the error. */
function apply({ containers = [MAIN, LOG], initContainers, otherSidecarNames = [], policy, resources }: Scene) {
  const result = applyResourcesPolicy({
    pod: { spec: { containers, ...(initContainers && { initContainers }) } },
    sidecar: aSidecar({ targetContainersMode: "sum", resourcesExpr: EVERYTHING, ...policy }, resources),
    otherSidecarNames,
    compilePattern: (pattern) => (pattern === "(" ? err("missing )") : ok((text) => new RegExp(pattern).test(text))),
  });
  return result.ok ? result.value : result.error;
}

function aSidecar(resourcesPolicy: ResourcesPolicy, resources?: JsonObject): SidecarContainer {
  return {
    name: "mesh",
    podInjectPolicy: "BeforeAppContainer",
    upgradeStrategy: { upgradeType: "ColdUpgrade" },
    shareVolumePolicy: { type: "disabled" },
    resourcesPolicy,
    ...(resources && { resources }),
  };
}

function aContainer(name: string, resources: JsonObject, more: Partial<Container> = {}): Container {
  return { name, resources, ...more };
}

const EVERYTHING = { limits: { cpu: "cpu", memory: "memory" }, requests: { cpu: "cpu", memory: "memory" } };
const MAIN = aContainer("main", { limits: { cpu: "2", memory: "4Gi" }, requests: { cpu: "1", memory: "1Gi" } });
const LOG = aContainer("log", { limits: { cpu: "500m", memory: "1000M" }, requests: { cpu: "250m" } });

describe("the resources policy of a sidecar", () => {
  it("adds up the resources of the pod's containers, or takes the largest", () => {
    expect(apply({})).toEqual({
      limits: { cpu: "2500m", memory: "5294967296" },
      requests: { cpu: "1250m", memory: "1Gi" },
    });
    expect(apply({ policy: { targetContainersMode: "max" } })).toEqual({
      limits: { cpu: "2", memory: "4Gi" },
      requests: { cpu: "1", memory: "1Gi" },
    });
  });

  it("keeps the text of the largest one and writes a sum anew", () => {
    const only = { containers: [aContainer("main", { limits: { cpu: "1.500" } })] };
    const policy = { resourcesExpr: { limits: { cpu: "cpu" } } };
    expect(apply({ ...only, policy: { ...policy, targetContainersMode: "max" } })).toEqual({
      limits: { cpu: "1.500" },
    });
    expect(apply({ ...only, policy })).toEqual({ limits: { cpu: "1500m" } });
  });

  it("leaves a limit out where one of the containers has none, a constant one too, and counts a missing request as 0", () => {
    const containers = [MAIN, aContainer("free", {})];
    expect(apply({ containers })).toEqual({ requests: { cpu: "1", memory: "1Gi" } });
    expect(apply({ containers, policy: { resourcesExpr: { limits: { cpu: "1" } } } })).toEqual({});
    expect(apply({ containers: [aContainer("free", {})] })).toEqual({ requests: { cpu: "0", memory: "0" } });
  });

  it("counts native sidecars of the pod, neither plain init containers nor other sidecars", () => {
    const initContainers = [
      aContainer("native", { requests: { cpu: "1" } }, { restartPolicy: "Always" }),
      aContainer("init", { requests: { cpu: "9" } }),
    ];
    const policy = { resourcesExpr: { requests: { cpu: "cpu" } } };
    expect(apply({ initContainers, otherSidecarNames: ["log"], policy })).toEqual({ requests: { cpu: "2" } });
  });

  it("counts the containers whose name matches", () => {
    const policy = { targetContainersNameRegex: "^(log|x)$", resourcesExpr: { limits: { cpu: "cpu" } } };
    expect(apply({ policy })).toEqual({ limits: { cpu: "500m" } });
  });

  it("rounds memory up to whole bytes", () => {
    const policy = { targetContainersNameRegex: "main", resourcesExpr: { limits: { memory: "memory*10%" } } };
    expect(apply({ policy })).toEqual({ limits: { memory: "429496730" } });
  });

  it("caps a request to the limit", () => {
    const resourcesExpr = { limits: { cpu: "min(cpu, 300m)" }, requests: { cpu: "cpu", memory: "memory" } };
    expect(apply({ policy: { resourcesExpr } })).toEqual({
      limits: { cpu: "300m" },
      requests: { cpu: "300m", memory: "1Gi" },
    });
  });

  it("replaces the sidecar's own limits and requests and keeps its claims", () => {
    const claims = [{ name: "gpu" }];
    const resources = { limits: { cpu: "9", memory: "9Gi" }, claims };
    expect(apply({ resources, policy: { resourcesExpr: { limits: { cpu: "cpu" } } } })).toEqual({
      limits: { cpu: "2500m" },
      claims,
    });
  });

  it.each<[string, Scene, string]>([
    [
      "no container matches",
      { policy: { targetContainersNameRegex: "^web" } },
      'resourcesPolicy.targetContainersNameRegex: "^web" matches no container of the pod (it has main, log)',
    ],
    [
      "all containers are sidecars",
      { otherSidecarNames: ["main", "log"] },
      'resourcesPolicy.targetContainersNameRegex: "" matches no container of the pod (it has none but sidecars)',
    ],
    [
      "the pattern is none",
      { policy: { targetContainersNameRegex: "(" } },
      'resourcesPolicy.targetContainersNameRegex: "(" is no regular expression: missing )',
    ],
    [
      "the mode is unknown",
      { policy: { targetContainersMode: "constructor" } },
      'resourcesPolicy.targetContainersMode: "constructor" is unknown; it must be sum or max',
    ],
    [
      "an expression fails for this pod",
      { policy: { resourcesExpr: { requests: { cpu: "cpu-5" } } } },
      'resourcesPolicy.resourcesExpr.requests.cpu: the expression "cpu-5" must not be negative; with cpu 1250m it is -3750m (character 1)',
    ],
    [
      "the pod holds no quantity",
      { containers: [aContainer("main", { limits: { memory: "lots" } })] },
      'container main of the pod, resources.limits.memory: "lots" is no quantity; write a number with an optional suffix, such as 500m, 1.5, 2G or 512Mi',
    ],
  ])("is refused with the field when %s", (_, scene, expected) => {
    expect(apply(scene)).toBe(expected);
  });
});
