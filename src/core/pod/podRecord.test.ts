import { describe, expect, it } from "vitest";
import { aPodObject } from "../../../test/aPod.ts";
import { podRecord } from "./podRecord.ts";

describe("a pod record", () => {
  it("reads what a rollout needs", () => {
    const record = podRecord(aPodObject({ generation: 4, observedGeneration: 3, labels: { zone: "a" } }));
    expect(record).toMatchObject({
      namespace: "default",
      name: "web-0",
      generation: 4,
      observedGeneration: 3,
      labels: { app: "web", zone: "a" },
      nodeName: "node-1",
      phase: "Running",
      ready: true,
      readySince: Date.parse("2026-06-01T00:01:00Z"),
      deleting: false,
      reportedContainers: 2,
    });
    expect(record.containers[0]).toMatchObject({
      name: "logtail",
      image: "logtail:1",
      status: { imageId: "id-logtail:1", containerId: "containerd://1", ready: true },
    });
  });

  it("leaves kubectl's copy of the object behind", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", team: "web" };
    const record = podRecord(aPodObject({ annotations }));
    expect(record.annotations).toHaveProperty("team");
    expect(record.annotations).not.toHaveProperty("kubectl.kubernetes.io/last-applied-configuration");
  });

  it("counts restarts of native sidecars, not of plain init containers", () => {
    const pod = aPodObject();
    const record = podRecord({
      ...pod,
      spec: {
        ...pod.spec,
        initContainers: [
          { name: "native", restartPolicy: "Always" },
          { name: "plain", image: "x" },
        ],
      },
      status: {
        ...pod.status,
        initContainerStatuses: [
          { name: "native", restartCount: 2 },
          { name: "plain", restartCount: 9 },
        ],
      },
    });
    expect(record.nativeRestarts).toBe(2);
    expect(record.restarts).toBe(0);
  });

  it("is read from a pod that the kubelet has not seen yet", () => {
    const record = podRecord({ ...aPodObject(), status: { phase: "Pending" } });
    expect(record).toMatchObject({ ready: false, readySince: undefined, reportedContainers: 0, restarts: 0 });
    expect(record.containers[0]!.status).toBeUndefined();
  });
});
