import { describe, expect, it } from "vitest";
import type { ObjectMeta } from "../kube/object.ts";
import { ordinalOf } from "./podOrdinal.ts";

const INDEX = "batch.kubernetes.io/job-completion-index";

describe("a lasting place in the workload", () => {
  it.each([
    ["a pod of a StatefulSet", 7, ownedBy("StatefulSet", "db", { name: "db-7", generateName: "db-" })],
    ["a pod of a workload that numbers its pods", 12, ownedBy("GameServerSet", "game", { name: "game-12" })],
    ["a pod of an indexed Job, by its annotation", 3, ownedBy("Job", "sum", { annotations: { [INDEX]: "3" } })],
    ["a pod of an indexed Job, by its label", 3, ownedBy("Job", "sum", { labels: { [INDEX]: "3" } })],
    ["a pod of a Job without indices", undefined, ownedBy("Job", "sum", { name: "sum-4" })],
    ["a pod of a ReplicaSet", undefined, ownedBy("ReplicaSet", "web-5d8f", { name: "web-5d8f-24689" })],
    ["a pod with a random suffix", undefined, ownedBy("CloneSet", "web", { name: "web-x7k2p" })],
    ["a pod whose name is yet to be generated", undefined, ownedBy("CloneSet", "web", { generateName: "web-" })],
    ["another name than the owner's", undefined, ownedBy("CloneSet", "web", { name: "db-7" })],
    ["digits with a zero in front", undefined, ownedBy("StatefulSet", "db", { name: "db-07" })],
    ["a pod without controller", undefined, { name: "db-7" }],
  ])("%s: %s", (_, expected, metadata: ObjectMeta) => {
    expect(ordinalOf({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [] } })).toBe(expected);
  });
});

function ownedBy(kind: string, name: string, metadata: ObjectMeta): ObjectMeta {
  return { ...metadata, ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: "uid", controller: true }] };
}
