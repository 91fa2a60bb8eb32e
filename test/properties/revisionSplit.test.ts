import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CopyStore } from "../../src/cluster/copyStore.ts";
import { RevisionTally } from "../../src/cluster/revisionTally.ts";
import { chooseRevision } from "../../src/core/injection/chooseRevision.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { type PodRecord, podRecord } from "../../src/core/pod/podRecord.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import { aPodObject } from "../aPod.ts";
import { aSidecarSet } from "../aSidecarSet.ts";
import { VirtualClock } from "../virtualClock.ts";

const OWNERS = ["web", "api"] as const;
type Owner = (typeof OWNERS)[number];

describe("pods that are divided between two revisions while they come and go", () => {
  it("stay within one pod of the share in every workload, as often as pods are replaced, whenever their events arrive", () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant("scaleUp" as const),
        owner: fc.constantFrom(...OWNERS),
        pods: fc.integer({ min: 1, max: 20 }),
      }),
      fc.record({
        do: fc.constant("replace" as const),
        owner: fc.constantFrom(...OWNERS),
        which: fc.array(fc.nat(100), { maxLength: 15 }),
      }),
      fc.record({ do: fc.constant("watch" as const), events: fc.nat(30) }),
    );
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.array(step, { maxLength: 30 }),
        fc.infiniteStream(fc.nat(2 ** 30)),
        (thousandths, steps, ids) => {
          const fleet = new Fleet(thousandths, ids);
          for (const each of steps) {
            if (each.do === "watch") fleet.deliver(each.events);
            else if (each.do === "scaleUp") fleet.create(each.owner, each.pods);
            else fleet.replace(each.owner, each.which);
            for (const owner of OWNERS) expect(Math.abs(fleet.surplus(owner))).toBeLessThan(1);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are back at the share as soon as enough have come, after any of them have gone", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.array(fc.nat(100), { maxLength: 30 }),
        fc.infiniteStream(fc.nat(2 ** 30)),
        (thousandths, which, ids) => {
          const fleet = new Fleet(thousandths, ids);
          fleet.create("web", 40);
          fleet.remove("web", which);
          const before = Math.abs(fleet.surplus("web"));
          fleet.create("web", 1);
          expect(Math.abs(fleet.surplus("web"))).toBeLessThanOrEqual(Math.max(0.5, before) + 1e-9);
          fleet.create("web", which.length);
          expect(Math.abs(fleet.surplus("web"))).toBeLessThan(1);
        },
      ),
    );
  });
});

/** Workloads without ordinals, whose pods are decided on as the webhook does; their events wait until they are delivered. */
class Fleet {
  readonly #set;
  readonly #share: number;
  readonly #ids: Iterator<number>;
  readonly #copy = new CopyStore<Pod, PodRecord>(podRecord, () => {});
  readonly #tally;
  #created = 0;
  readonly #undelivered: (() => void)[] = [];
  readonly #pods = new Map<Owner, { readonly pod: Pod; readonly isOld: boolean }[]>(OWNERS.map((owner) => [owner, []]));

  constructor(thousandths: number, ids: Iterator<number>) {
    this.#share = thousandths / 1000;
    this.#ids = ids;
    const injectionStrategy = { revision: { policy: "FollowPartition" } };
    this.#set = aSidecarSet({ injectionStrategy, updateStrategy: { partition: `${thousandths / 10}%` } });
    this.#copy.replace(this.#copy.stage());
    this.#tally = new RevisionTally(this.#copy, new VirtualClock());
  }

  create(owner: Owner, pods: number): void {
    for (let index = 0; index < pods; index++) {
      const name = `${owner}-${this.#ids.next().value}-${this.#created++}`;
      const bare = withOwner(aPodObject({ name }), owner);
      const { isOld, hash } = this.#decide({ ...bare, metadata: { ...bare.metadata, annotations: {} } });
      const pod = withOwner(aPodObject({ name, hash }), owner);
      this.#pods.get(owner)!.push({ pod, isOld });
      this.#undelivered.push(() => this.#copy.apply("ADDED", pod));
    }
  }

  /** A deletion is seen before the successor is made, as a workload's controller sees it. */
  replace(owner: Owner, which: readonly number[]): void {
    for (const index of which) {
      if (this.#pods.get(owner)!.length === 0) return;
      this.remove(owner, [index]);
      this.create(owner, 1);
    }
  }

  remove(owner: Owner, which: readonly number[]): void {
    this.deliver(this.#undelivered.length);
    const pods = this.#pods.get(owner)!;
    for (const index of which) {
      const [gone] = pods.splice(index % Math.max(1, pods.length), 1);
      if (gone) this.#copy.apply("DELETED", gone.pod);
    }
  }

  deliver(events: number): void {
    for (const event of this.#undelivered.splice(0, events)) event();
  }

  /** By how many pods the old side is ahead of its share. */
  surplus(owner: Owner): number {
    const pods = this.#pods.get(owner)!;
    return pods.filter(({ isOld }) => isOld).length - pods.length * this.#share;
  }

  #decide(pod: Pod): { readonly isOld: boolean; readonly hash: string } {
    const chosen = chooseRevision(this.#set, REVISIONS, { pod, identity: pod.metadata.name!, carried: this.#tally });
    if (!chosen.ok) throw new Error(JSON.stringify(chosen.error));
    const { hash, countsFor } = chosen.value;
    this.#tally.expect({ owner: countsFor!, sidecarSet: "logging", hash });
    return { isOld: hash === "old", hash };
  }
}

const OLD = { [HASH_ANNOTATION]: "old", [HASH_WITHOUT_IMAGE_ANNOTATION]: "same" };
const REVISIONS = [
  revisionOf(aSidecarSet({ containers: [{ name: "logtail", image: "logtail:1" }] }, { annotations: OLD }), {
    revision: 1,
    collisionCount: 0,
  }),
];

function withOwner(pod: Pod, owner: string): Pod {
  const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner, controller: true };
  return { ...pod, metadata: { ...pod.metadata, ownerReferences: [controller] } };
}
