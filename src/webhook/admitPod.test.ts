import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../test/aSidecarSet.ts";
import { VirtualClock } from "../../test/virtualClock.ts";
import { CopyStore } from "../cluster/copyStore.ts";
import { RevisionTally } from "../cluster/revisionTally.ts";
import { applyJsonPatch } from "../core/kube/jsonPatch.ts";
import type { JsonObject } from "../core/kube/object.ts";
import type { Pod } from "../core/kube/pod.ts";
import { type PodRecord, podRecord } from "../core/pod/podRecord.ts";
import { revisionOf } from "../core/sidecarSet/revision.ts";
import type { AdmissionRequest } from "./admissionReview.ts";
import { admitPod } from "./admitPod.ts";

describe("pods that are divided between two revisions", () => {
  it("count as soon as they are admitted, before any of them exists", () => {
    const { tally, admit } = aWebhook("30%");
    for (let pod = 0; pod < 10; pod++) admit();
    expect(tally.ofOwner("uid-web", "logging")).toEqual(
      new Map([
        ["new", 7],
        ["old", 3],
      ]),
    );
  });

  it("keep their revision and count once when the webhook is asked again about what it made of them", () => {
    const { tally, admit } = aWebhook("30%");
    for (let pod = 0; pod < 10; pod++) {
      const once = admit();
      expect(admit({ object: once })).toEqual(once);
    }
    const pods = tally.ofOwner("uid-web", "logging");
    expect(pods).toEqual(new Map(Object.entries({ new: 7, old: 3 })));
  });

  it("do not count after a dry run, nor when they are refused", () => {
    const { tally, admit } = aWebhook("30%");
    admit({ dryRun: true });
    expect(() => admit({ object: aPod([{ name: "logtail", image: "mine:1" }]) })).toThrow("I11");
    expect(tally.ofAll("logging").size).toBe(0);
  });

  it("go by their names as long as the existing pods have not been read", () => {
    const { store, admit } = aWebhook("100%", false);
    expect(sidecarOf(admit())).toBe("logtail:1");
    expect(store.hasSynced()).toBe(false);
  });
});

function aWebhook(partition: string, synced = true) {
  const store = new CopyStore<Pod, PodRecord>(podRecord, () => {});
  if (synced) store.replace(store.stage());
  const tally = new RevisionTally(store, new VirtualClock());
  const injectionStrategy = { revision: { policy: "FollowPartition" } };
  const sidecarSets = [aSidecarSet({ injectionStrategy, updateStrategy: { partition } })];
  const gathered = { sidecarSets, revisions: REVISIONS, namespaceLabels: {} };
  /** @returns the pod as it goes on; throws what refuses it */
  const admit = (traits: Partial<AdmissionRequest> = {}): JsonObject => {
    const request = { ...REQUEST, object: aPod(), ...traits };
    const answer = admitPod(request, gathered, { now: 0, tally });
    if (!answer.allowed) throw new Error(answer.status.message);
    const patched = applyJsonPatch(request.object, answer.patch);
    if (!patched.ok) throw new Error(patched.error);
    return patched.value as JsonObject;
  };
  return { store, tally, admit };
}

const REQUEST: AdmissionRequest = {
  uid: "request",
  operation: "CREATE",
  resource: { group: "", version: "v1", resource: "pods" },
  subResource: "",
  namespace: "ns-1",
  name: "",
  object: undefined,
  oldObject: undefined,
  dryRun: false,
};

const REVISIONS = [
  revisionOf(
    aSidecarSet(
      { containers: [{ name: "logtail", image: "logtail:1" }] },
      { annotations: { "kruise.io/sidecarset-hash": "old", "kruise.io/sidecarset-hash-without-image": "same" } },
    ),
    { revision: 1, collisionCount: 0 },
  ),
];

function aPod(containers = [{ name: "app", image: "app:1" }]): JsonObject {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web", controller: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "web-", labels: { app: "web" }, ownerReferences: [owner] },
    spec: { containers },
  };
}

function sidecarOf(pod: JsonObject): string | undefined {
  return (pod as unknown as Pod).spec.containers.find(({ name }) => name === "logtail")?.image;
}
