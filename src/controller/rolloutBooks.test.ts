import { describe, expect, it } from "vitest";
import { aPod, aPodObject, type PodTraits } from "../../test/aPod.ts";
import { aSidecarSet } from "../../test/aSidecarSet.ts";
import { type PodRecord, podRecord } from "../core/pod/podRecord.ts";
import { revisionOf } from "../core/sidecarSet/revision.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { RolloutBooks } from "./rolloutBooks.ts";

const SETS = ["logging", "metrics", "elsewhere"];

/** Three sets over two pods; `elsewhere` selects none of them. */
function theBooks(pods: readonly PodRecord[] = [aPod({ name: "web-0" }), aPod({ name: "web-1" })]) {
  const books = new RolloutBooks({ pods: () => pods, namespaceLabels: () => new Map([["default", {}]]) });
  for (const name of SETS) books.setChanged(theSet(name));
  const judged = () => SETS.map((name) => books.get(name)!.judged);
  const before = judged();
  return {
    books,
    /** Judgements since the beginning, by set. */
    judged: () => judged().map((count, index) => count - before[index]!),
  };
}

function theSet(name: string): SidecarSet {
  const app = name === "elsewhere" ? "none" : "web";
  const patchPodMetadata = [{ annotations: { seen: "1" }, patchPolicy: "Overwrite" }];
  return aSidecarSet({ selector: { matchLabels: { app } }, patchPodMetadata }, { name, uid: name });
}

/** The pod `web-0` as a later event shows it. */
function later(change: (pod: ReturnType<typeof aPodObject>) => object, traits: PodTraits = {}): PodRecord {
  const pod = aPodObject({ name: "web-0", ...traits });
  const changed = { ...pod, ...change(pod) };
  return podRecord({ ...changed, metadata: { ...changed.metadata, resourceVersion: "11" } });
}

const same = (): object => ({});

describe("an event of a pod", () => {
  it("that changes something the rules read costs one judgement by each set that selects it, and no other pod's", () => {
    const { books, judged } = theBooks();
    expect(books.podChanged(later(same, { ready: false }), {})).toEqual(["logging", "metrics"]);
    expect(judged()).toEqual([1, 1, 0]);
  });

  const irrelevant: [string, PodRecord][] = [
    ["comes again in another version", later(same)],
    [
      "changes a heartbeat in an annotation",
      later((pod) => ({ metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, beat: "7" } } })),
    ],
    [
      "changes a condition that nobody asked for",
      later((pod) => ({
        status: { ...pod.status, conditions: [...pod.status!.conditions!, { type: "Beating", status: "True" }] },
      })),
    ],
    ["changes who manages which field", later((pod) => ({ metadata: { ...pod.metadata, managedFields: [{}] } }))],
  ];
  it.each(irrelevant)("that only %s costs no judgement and wakes no set", (_what, pod) => {
    const { books, judged } = theBooks();
    expect(books.podChanged(pod, {})).toEqual([]);
    expect(judged()).toEqual([0, 0, 0]);
  });

  const relevant: [string, PodRecord][] = [
    ["the image", later(same, { image: "logtail:3" })],
    ["a record of an upgrade", later(same, { hash: "new" })],
    ["a record that it had not before", later(same, { annotations: { "sidecarset.kruise.io/skip": "x" } })],
    ["an annotation that the sets patch", later(same, { annotations: { seen: "0" } })],
    ["a label", later(same, { labels: { zone: "a" } })],
    ["the process of a container", later(same, { status: { restartCount: 1 } })],
    ["the time since which it is ready", later(same, { readySince: "2026-06-02T00:00:00Z" })],
    ["its deletion", later(same, { deleting: true })],
    ["the generation that the kubelet has seen", later(same, { observedGeneration: 0 })],
  ];
  it.each(relevant)("that changes %s is judged", (_what, pod) => {
    const { books, judged } = theBooks();
    expect(books.podChanged(pod, {})).toEqual(["logging", "metrics"]);
    expect(judged()).toEqual([1, 1, 0]);
  });

  it("of a pod that no set selects costs nothing", () => {
    const { books, judged } = theBooks();
    expect(books.podChanged(aPod({ name: "db-0", labels: { app: "db" } }), {})).toEqual([]);
    expect(judged()).toEqual([0, 0, 0]);
  });

  it("that takes the pod out of a set's selector takes it out of the book, without a judgement", () => {
    const { books, judged } = theBooks();
    expect(books.podChanged(later(same, { labels: { app: "db" } }), {})).toEqual(["logging", "metrics"]);
    expect(books.get("logging")!.counters.matched).toBe(1);
    expect(judged()).toEqual([0, 0, 0]);
  });

  it("that is not judged still tells the version a mark has to name", () => {
    const pod = aPod({ name: "web-0", hashWithoutImage: "other" });
    const { books } = theBooks([pod]);
    books.podChanged(later(same, { hashWithoutImage: "other" }), {});
    const revisions = [revisionOf(theSet("logging"), { revision: 1, collisionCount: 0 })];
    const { actions } = books.get("logging")!.plan({ revisions, collisionCount: 0, now: 0 });
    expect(actions.find(({ kind }) => kind === "markUpgradable")).toMatchObject({ resourceVersion: "11" });
  });
});
