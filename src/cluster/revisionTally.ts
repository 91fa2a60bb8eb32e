import type { CarriedRevision, CarriedRevisions, PodsByHash } from "../core/injection/carriedRevisions.ts";
import { parseHashRecord } from "../core/pod/hashRecord.ts";
import type { PodRecord } from "../core/pod/podRecord.ts";
import { isActive } from "../core/pod/readiness.ts";
import { HASH_ANNOTATION } from "../core/sidecarSet/annotations.ts";
import type { Clock } from "./environment.ts";
import { ExpectedPods } from "./expectedPods.ts";
import type { Change, LocalCopy } from "./localCopy.ts";

/** How long a pod counts that was decided on and does not show up. */
const EXPECTED_MS = 30_000;
const NONE: PodsByHash = new Map();

interface TallyOfSet {
  readonly all: Map<string, number>;
  readonly byOwner: Map<string, Map<string, number>>;
}

/**
 * How many pods carry which revision of which SidecarSet, kept in step with the copy of the pods: a pod's event moves a few numbers,
 * most events none. A burst of new pods is faster than their events, so what admission has just decided counts at once. Counts are
 * moved in place, for speed; those of 0 are dropped, so that there are no more than pods.
 */
export class RevisionTally implements CarriedRevisions {
  readonly #pods: LocalCopy<PodRecord>;
  readonly #clock: Pick<Clock, "now">;
  readonly #sets = new Map<string, TallyOfSet>();
  readonly #expected = new ExpectedPods(EXPECTED_MS);

  constructor(pods: LocalCopy<PodRecord>, clock: Pick<Clock, "now">) {
    this.#pods = pods;
    this.#clock = clock;
    for (const pod of pods.values()) this.#countAll(pod, 1);
    pods.subscribe((change) => this.#follow(change));
  }

  /** Before all pods have been read the counts say nothing. */
  isComplete(): boolean {
    return this.#pods.hasSynced();
  }

  ofOwner(owner: string, sidecarSet: string): PodsByHash {
    this.#expire();
    return this.#sets.get(sidecarSet)?.byOwner.get(owner) ?? NONE;
  }

  ofAll(sidecarSet: string): PodsByHash {
    this.#expire();
    return this.#sets.get(sidecarSet)?.all ?? NONE;
  }

  /** Admission has decided on a pod that will exist in a moment. */
  expect(pod: CarriedRevision): void {
    this.#expire();
    this.#expected.add(pod, this.#clock.now());
    this.#count(pod, 1);
  }

  #follow(change: Change<PodRecord>): void {
    switch (change.type) {
      case "added":
        for (const carried of carriedBy(change.object)) if (!this.#expected.settle(carried)) this.#count(carried, 1);
        return;
      case "updated":
        if (countAlike(change.old, change.object)) return;
        this.#countAll(change.old, -1);
        this.#countAll(change.object, 1);
        return;
      case "deleted":
        this.#countAll(change.old, -1);
    }
  }

  #expire(): void {
    for (const pod of this.#expected.expire(this.#clock.now())) this.#count(pod, -1);
  }

  #countAll(pod: PodRecord, by: 1 | -1): void {
    for (const carried of carriedBy(pod)) this.#count(carried, by);
  }

  #count({ owner, sidecarSet, hash }: CarriedRevision, by: 1 | -1): void {
    const set = this.#sets.get(sidecarSet) ?? { all: new Map(), byOwner: new Map() };
    move(set.all, hash, by);
    if (owner !== "") {
      const owned = set.byOwner.get(owner) ?? new Map<string, number>();
      move(owned, hash, by);
      keep(set.byOwner, owner, owned, owned.size > 0);
    }
    keep(this.#sets, sidecarSet, set, set.all.size > 0);
  }
}

/** A pod on its way out counts no longer: its successor is decided on before it is gone. */
function carriedBy(pod: PodRecord): readonly CarriedRevision[] {
  if (!isActive(pod)) return [];
  const { entries } = parseHashRecord(pod.annotations[HASH_ANNOTATION]);
  return [...entries].map(([sidecarSet, { hash }]) => ({ owner: pod.owner, sidecarSet, hash }));
}

function countAlike(one: PodRecord, other: PodRecord): boolean {
  return (
    one.annotations[HASH_ANNOTATION] === other.annotations[HASH_ANNOTATION] &&
    one.owner === other.owner &&
    isActive(one) === isActive(other)
  );
}

function move(counts: Map<string, number>, hash: string, by: 1 | -1): void {
  const count = (counts.get(hash) ?? 0) + by;
  keep(counts, hash, count, count > 0);
}

function keep<V>(map: Map<string, V>, key: string, value: V, isNeeded: boolean): void {
  if (isNeeded) map.set(key, value);
  else map.delete(key);
}
