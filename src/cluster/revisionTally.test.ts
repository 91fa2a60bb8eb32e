import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPodObject, type PodTraits } from "../../test/aPod.ts";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Pod } from "../core/kube/pod.ts";
import { type PodRecord, podRecord } from "../core/pod/podRecord.ts";
import { CopyStore } from "./copyStore.ts";
import { RevisionTally } from "./revisionTally.ts";

const OLD = { owner: "rs", sidecarSet: "logging", hash: "old" };

describe("the tally of revisions", () => {
  it("counts the pods that are there and those that come, by set and by owner", () => {
    const { store, tally } = aTally([aPod("a"), aPod("b", { owner: "other" })]);
    store.apply("ADDED", aPod("c", { hash: "new" }));
    expect(tally.ofAll("logging")).toEqual(
      new Map([
        ["old", 2],
        ["new", 1],
      ]),
    );
    expect(tally.ofOwner("rs", "logging")).toEqual(
      new Map([
        ["old", 1],
        ["new", 1],
      ]),
    );
    expect(tally.ofOwner("rs", "metrics")).toEqual(new Map());
  });

  it("follows an upgrade", () => {
    const { store, tally } = aTally([aPod("a")]);
    store.apply("MODIFIED", aPod("a", { hash: "new", version: "11" }));
    expect(tally.ofOwner("rs", "logging")).toEqual(new Map([["new", 1]]));
  });

  it.each([
    ["is gone", (store: Store) => store.apply("DELETED", aPod("a"))],
    ["is on its way out", (store: Store) => store.apply("MODIFIED", aPod("a", { deleting: true, version: "11" }))],
    ["has finished", (store: Store) => store.apply("MODIFIED", aPod("a", { phase: "Succeeded", version: "11" }))],
    ["vanished unseen", (store: Store) => store.replace(store.stage())],
  ])("forgets a pod that %s", (_, change) => {
    const { store, tally } = aTally([aPod("a")]);
    change(store);
    expect(tally.ofOwner("rs", "logging")).toEqual(new Map());
    expect(tally.ofAll("logging")).toEqual(new Map());
  });

  it("counts what was decided on before it shows up, and once when it does", () => {
    const { store, tally } = aTally([]);
    tally.expect(OLD);
    expect(tally.ofOwner("rs", "logging")).toEqual(new Map([["old", 1]]));
    store.apply("ADDED", aPod("a"));
    expect(tally.ofOwner("rs", "logging")).toEqual(new Map([["old", 1]]));
    store.apply("ADDED", aPod("b"));
    expect(tally.ofOwner("rs", "logging")).toEqual(new Map([["old", 2]]));
  });

  it("waits half a minute for a pod, then no longer; should it come later it counts then", async () => {
    const { store, tally, clock } = aTally([]);
    tally.expect(OLD);
    await clock.advance(20_000);
    tally.expect(OLD);
    await clock.advance(9_999);
    expect(tally.ofAll("logging")).toEqual(new Map([["old", 2]]));
    await clock.advance(1);
    expect(tally.ofAll("logging")).toEqual(new Map([["old", 1]]));
    store.apply("ADDED", aPod("a"));
    store.apply("ADDED", aPod("b"));
    await clock.advance(60_000);
    expect(tally.ofAll("logging")).toEqual(new Map([["old", 2]]));
  });

  it("is not complete before all pods have been read", () => {
    const store: Store = new CopyStore(podRecord, () => {});
    const tally = new RevisionTally(store, new VirtualClock());
    expect(tally.isComplete()).toBe(false);
    store.replace(store.stage());
    expect(tally.isComplete()).toBe(true);
  });

  it("says after any events what counting anew would say, and nothing is left in the end", () => {
    const state = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      owner: fc.constantFrom("rs", "other", ""),
      hash: fc.constantFrom("old", "new"),
      deleting: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), state), { maxLength: 40 }), (events) => {
        const { store, tally } = aTally([]);
        for (const [index, [gone, { name, ...traits }]] of events.entries()) {
          store.apply(gone ? "DELETED" : "MODIFIED", aPod(name, { ...traits, version: `${index + 11}` }));
        }
        for (const owner of ["rs", "other"]) {
          const pods = [...store.values()].filter((pod) => pod.owner === owner && !pod.deleting);
          expect(tally.ofOwner(owner, "logging")).toEqual(countsOf(pods));
        }
        expect(tally.ofAll("logging")).toEqual(countsOf([...store.values()].filter((pod) => !pod.deleting)));
        store.replace(store.stage());
        expect(tally.ofAll("logging").size).toBe(0);
      }),
    );
  });
});

type Store = CopyStore<Pod, PodRecord>;

function aTally(pods: readonly Pod[]) {
  const store: Store = new CopyStore(podRecord, () => {});
  const staged = store.stage();
  for (const pod of pods) store.addTo(staged, pod);
  store.replace(staged);
  const clock = new VirtualClock();
  return { store, clock, tally: new RevisionTally(store, clock) };
}

function aPod(name: string, traits: PodTraits & { readonly owner?: string; readonly version?: string } = {}): Pod {
  const { owner: uid = "rs", version: resourceVersion = "10", ...others } = traits;
  const pod = aPodObject({ name, ...others });
  const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: uid, uid, controller: true };
  const ownerReferences = uid === "" ? [] : [controller];
  return { ...pod, metadata: { ...pod.metadata, resourceVersion, ownerReferences } };
}

function countsOf(pods: readonly PodRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { annotations } of pods) {
    const { hash } = JSON.parse(annotations["kruise.io/sidecarset-hash"]!).logging;
    counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  return counts;
}
