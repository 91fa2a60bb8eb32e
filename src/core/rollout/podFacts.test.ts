import { describe, expect, it } from "vitest";
import { aPod, aPodObject } from "../../../test/aPod.ts";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { podRecord } from "../pod/podRecord.ts";
import { judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { rolloutRules } from "./rolloutRules.ts";
import { upgradePatch } from "./upgradePatch.ts";

const rules = rolloutRules(aSidecarSet());

describe("a pod of the set", () => {
  it.each<[string, boolean]>([
    ["logging", true],
    ["mesh,logging", true],
    ["mesh, logging", false],
    ["logging-2", false],
  ])("is told by its list: %j", (list, counts) => {
    const pod = aPod({ annotations: { "kruise.io/sidecarset-injected-list": list } });
    expect(podFacts(pod, rules).counts).toBe(counts);
  });

  it("has the sidecar among its containers, not among its init containers", () => {
    const pod = aPodObject();
    const [sidecar, app] = pod.spec.containers;
    const elsewhere = { ...pod, spec: { ...pod.spec, containers: [app!], initContainers: [sidecar!] } };
    const facts = podFacts(podRecord(elsewhere), rules);
    expect(judgePod(facts).settled).toEqual({ kind: "skip", because: "containerMissing", container: "logtail" });
  });

  it("is a candidate while its sidecar is not ready, and waits while a ready one runs the previous image", () => {
    const states =
      '{"logging":{"revision":"h","updateTimestamp":null,"lastContainerStatuses":{"logtail":{"imageID":"id-0"}}}}';
    const annotations = { "kruise.io/sidecarset-inplace-update-state": states };
    const status = { image: "logtail:0", imageID: "id-0" };
    const judged = (ready: boolean) => judgePod(podFacts(aPod({ annotations, status: { ...status, ready } }), rules));
    expect(judged(false).settled).toBeUndefined();
    expect(judged(true).settled).toMatchObject({ because: "previousUpgradeRunning", container: "logtail" });
  });

  it("whose record of a process is about another upgrade is judged by the other records", () => {
    const own = (hash: string) => ({
      "sidecarset.kruise.io/upgrade-state": JSON.stringify({
        logging: { hash, containers: { logtail: { containerID: "containerd://1", restartCount: 0, generation: 0 } } },
      }),
    });
    const pod = { hash: "new", image: "logtail:2", status: { image: "logtail:1" } };
    expect(judgePod(podFacts(aPod({ ...pod, annotations: own("new") }), rules)).available).toBe(false);
    expect(judgePod(podFacts(aPod({ ...pod, annotations: own("old") }), rules)).available).toBe(true);
  });
});

describe("a native sidecar", () => {
  it("is upgraded among the init containers and holds budget until it runs", () => {
    const native = { name: "proxy", image: "proxy:1", restartPolicy: "Always" };
    const set = aSidecarSet({ initContainers: [{ ...native, image: "proxy:2" }], containers: [] });
    const pod = aPodObject();
    const status = { name: "proxy", image: "proxy:1", imageID: "id", containerID: "c1", restartCount: 0, ready: true };
    const carrying = {
      ...pod,
      spec: { ...pod.spec, initContainers: [native] },
      status: { ...pod.status, initContainerStatuses: [status] },
    };
    const facts = podFacts(podRecord(carrying), rolloutRules(set));
    const patch = upgradePatch(facts, { now: 0, latestRevision: "r" });
    expect(patch.ok && patch.value.changes).toEqual([{ container: "proxy", from: "proxy:1", to: "proxy:2" }]);
    const paths = patch.ok ? patch.value.operations.map(({ path }) => path) : [];
    expect(paths).toContain("/spec/initContainers/0/image");
  });
});
