import { describe, expect, it } from "vitest";
import type { PodSpec } from "../kube/pod.ts";
import { requestsAdded } from "./requestedResources.ts";

const APP = aContainer("app", { requests: { cpu: "1", memory: "1Gi" } });

describe("what a change costs on a node", () => {
  it.each<[string, PodSpec, object]>([
    [
      "a container costs its requests",
      { containers: [APP, aContainer("s", { requests: { cpu: "50m", memory: "64Mi" } })] },
      { cpu: "+50m", memory: "+64Mi" },
    ],
    ["or its limits where it has none", { containers: [APP, aContainer("s", { limits: { cpu: 2 } })] }, { cpu: "+2" }],
    ["a native sidecar costs as much", { containers: [APP], initContainers: [native({ cpu: "1" })] }, { cpu: "+1" }],
    [
      "an init container costs what it needs beyond the running pod",
      { containers: [APP], initContainers: [aContainer("i", { requests: { cpu: "1500m" } })] },
      { cpu: "+500m" },
    ],
    [
      "beside the native sidecars that run by then",
      { containers: [APP], initContainers: [native({ cpu: "1" }), aContainer("i", { requests: { cpu: "2" } })] },
      { cpu: "+2" },
    ],
    [
      "nothing where the pod itself says what it needs",
      { containers: [APP], resources: { requests: APP.resources } },
      {},
    ],
    ["nothing is told of what cannot be read", { containers: [APP, aContainer("s", { requests: { cpu: "x" } })] }, {}],
    ["less is told too", { containers: [] }, { cpu: "-1", memory: "-1Gi" }],
  ])("%s", (_, after, expected) => {
    expect(requestsAdded({ containers: [APP] }, after)).toEqual(expected);
  });
});

function aContainer(name: string, resources: object) {
  return { name, resources: { ...resources } };
}

function native(requests: object) {
  return { ...aContainer("native", { requests }), restartPolicy: "Always" };
}
