import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { type PodRecord, podKey } from "../pod/podRecord.ts";
import { upgradableCondition } from "../pod/upgradableCondition.ts";
import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Stop } from "../sidecarSet/stopSwitches.ts";
import { type Budget, maxUnavailableOf, nextWave, partitionOf } from "./budget.ts";
import { Candidates } from "./candidates.ts";
import { type Judgement, judgePod } from "./judgePod.ts";
import { podFacts } from "./podFacts.ts";
import { planRevisions } from "./revisionHistory.ts";
import type { PodAction, RolloutPlan, WriteStatus } from "./rolloutPlan.ts";
import { isNamespaceSelected, isSelected, type RolloutRules } from "./rolloutRules.ts";
import { needsWriting, type PodCounters, rolloutStatus } from "./status.ts";
import { flipPatch, upgradePatch } from "./upgradePatch.ts";
import type { Verdict } from "./verdict.ts";

export interface PlanInput {
  /** Stored revisions of the set; others' are ignored. */
  readonly revisions: Iterable<ControllerRevision>;
  /** Name collisions met so far, the status' own count included. */
  readonly collisionCount: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Entry {
  readonly pod: PodRecord;
  readonly judgement: Judgement;
  /** Counted as available in the counters. */
  available: boolean;
}

/**
 * The running account of one set's rollout: a judgement per pod, counters, and the candidates in order. A pod's event changes one
 * entry; a plan reads the counters and takes the next few candidates, so neither costs more in a large fleet. An edited set gets a new
 * book. Entries and counters are mutated in place, for speed; nothing of them is handed out.
 */
export class RolloutBook {
  #rules: RolloutRules;
  readonly #entries = new Map<string, Entry>();
  readonly #candidates: Candidates;
  readonly #flips = new Map<string, PodRecord>();
  readonly #marks = new Map<string, PodRecord>();
  /** Pods whose readiness may still be that of the containers before the restart. */
  readonly #doubtful = new Map<string, Entry>();
  /** Candidates whose write was refused, until they are tried again. */
  readonly #deferred = new Map<string, { readonly until: number; readonly message: string }>();
  /** How many pods name a revision. */
  readonly #revisions = new Map<string, number>();
  readonly #counters = { matched: 0, updated: 0, ready: 0, updatedReady: 0 };
  /** Matched pods that the update selector lets through. */
  #selected = 0;
  #stopped: Stop | undefined;

  private constructor(rules: RolloutRules) {
    this.#rules = rules;
    this.#candidates = new Candidates(rules);
  }

  /** @param pods the pods that the set selects; see {@link isSelected} */
  static open(rules: RolloutRules, pods: Iterable<PodRecord>): RolloutBook {
    const book = new RolloutBook(rules);
    const candidates: PodRecord[] = [];
    for (const pod of pods) if (book.#enter(pod)) candidates.push(pod);
    book.#candidates.fill(candidates);
    return book;
  }

  /**
   * The set was stored again. As long as nothing changed that judgements depend on (a status was written) the book goes on with it.
   * @returns false: open a new book
   */
  follow(set: SidecarSet): boolean {
    if (!judgesAlike(this.#rules.set, set)) return false;
    this.#rules = { ...this.#rules, set };
    return true;
  }

  /** Whether the set selects the pod, in a namespace with these labels. */
  selects(pod: PodRecord, namespaceLabels: Labels | undefined): boolean {
    return isSelected(this.#rules, pod, namespaceLabels);
  }

  selectsNamespace(labels: Labels | undefined): boolean {
    return isNamespaceSelected(this.#rules, labels);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get counters(): PodCounters {
    return { ...this.#counters };
  }

  /** A selected pod is new or has changed. */
  put(pod: PodRecord): void {
    const key = podKey(pod);
    this.#strike(key);
    if (this.#enter(pod) && !this.#deferred.has(key)) this.#candidates.add(pod);
  }

  /** A pod is gone, or no longer selected. */
  remove(key: string): void {
    this.#strike(key);
    this.#deferred.delete(key);
  }

  /** The API server refuses to have this pod upgraded: others have their turn until then, whatever happens to the pod. */
  defer(key: string, until: number, message: string): void {
    const entry = this.#entries.get(key);
    if (!entry || entry.judgement.settled) return;
    this.#candidates.delete(entry.pod);
    this.#deferred.set(key, { until, message });
  }

  /** While they are stopped no pod is written; status and revisions go on. Undefined: they are not. */
  stopUpdates(stop: Stop | undefined): void {
    this.#stopped = stop;
  }

  #strike(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    if (!entry.judgement.settled) this.#candidates.delete(entry.pod);
    this.#count(entry, -1);
    for (const index of [this.#entries, this.#flips, this.#marks, this.#doubtful]) index.delete(key);
  }

  plan({ revisions, collisionCount, now }: PlanInput): RolloutPlan {
    this.#settle(now);
    const { set } = this.#rules;
    const budget = this.#budget();
    const idle = {
      actions: [],
      status: undefined,
      budget: budget.ok ? budget.value : undefined,
      wakeAfterMs: undefined,
    };
    if (set.deleting) return idle;
    const history = planRevisions(set, revisions, { collisionCount, isInUse: (name) => this.#revisions.has(name) });
    if (history.latest === undefined) return { ...idle, actions: history.actions };
    const status = rolloutStatus(set, this.#counters, { latest: history.latest, collisionCount });
    const write: WriteStatus[] = needsWriting(set.status, status) ? [{ kind: "writeStatus", status }] : [];
    return {
      ...idle,
      actions: [...history.actions, ...write, ...this.#podActions(now, history.latest)],
      status,
      wakeAfterMs: this.#wakeAfterMs(now),
    };
  }

  /** The verdict on every selected pod; unlike a plan this looks at all of them. */
  verdicts(now: number): ReadonlyMap<string, Verdict> {
    this.#settle(now);
    const verdicts = new Map<string, Verdict>();
    for (const [key, { judgement }] of this.#entries) if (judgement.settled) verdicts.set(key, judgement.settled);
    for (const [key, { message }] of this.#deferred) {
      if (verdicts.has(key)) continue;
      verdicts.set(key, { kind: "wait", because: "writeRefused", message });
    }
    if (this.#stopped) return this.#withStop(verdicts, this.#stopped);
    const wave = new Set(this.#wave());
    const budget = this.#budget();
    let place = 0;
    for (const [rank, pod] of [...this.#candidates].entries()) {
      const inWave = wave.has(pod);
      if (!inWave) place++;
      verdicts.set(podKey(pod), inWave ? this.#upgrade(pod) : waiting(budget, rank, place));
    }
    return verdicts;
  }

  /** Of every pod that would be written sooner or later. */
  #withStop(verdicts: Map<string, Verdict>, { reason, since }: Stop): ReadonlyMap<string, Verdict> {
    const waiting: Verdict = { kind: "wait", because: "updatesStopped", reason, since };
    for (const index of [this.#flips, this.#deferred]) for (const key of index.keys()) verdicts.set(key, waiting);
    for (const pod of this.#candidates) verdicts.set(podKey(pod), waiting);
    return verdicts;
  }

  #upgrade(pod: PodRecord): Verdict {
    const patch = upgradePatch(podFacts(pod, this.#rules), { now: 0, latestRevision: "" });
    return { kind: "upgrade", changes: patch.ok ? patch.value.changes : [] };
  }

  #podActions(now: number, latestRevision: string): readonly PodAction[] {
    const { updateStrategy } = this.#rules.set.spec;
    if (this.#stopped || updateStrategy.paused || updateStrategy.type === "NotUpdate") return [];
    const marks = [...this.#marks.values()].map((pod) => this.#mark(pod, now));
    // While a hot upgrade can be finished nothing new is started: the flip frees the budget that the pod holds.
    if (this.#flips.size > 0) return [...marks, ...[...this.#flips.values()].map((pod) => this.#flip(pod, now))];
    const upgrades = this.#wave().flatMap((pod): PodAction[] => {
      const patch = upgradePatch(podFacts(pod, this.#rules), { now, latestRevision });
      if (!patch.ok) return [];
      const { ready } = this.#entries.get(podKey(pod))!.judgement;
      return [{ kind: "upgradePod", pod: nameOf(pod), ...patch.value, wasReady: ready }];
    });
    return [...marks, ...upgrades];
  }

  #flip(pod: PodRecord, now: number): PodAction {
    return { kind: "flipPod", pod: nameOf(pod), ...flipPatch(podFacts(pod, this.#rules), now) };
  }

  #mark(pod: PodRecord, now: number): PodAction {
    const upgradable = this.#entries.get(podKey(pod))!.judgement.upgradable === true;
    const condition = upgradableCondition(pod, { sidecarSet: this.#rules.set.name, upgradable }, now);
    const { uid, resourceVersion } = pod;
    return { kind: "markUpgradable", pod: nameOf(pod), upgradable, condition, uid, resourceVersion };
  }

  #wave(): readonly PodRecord[] {
    const budget = this.#budget();
    if (!budget.ok) return [];
    return nextWave(this.#candidates, (pod) => this.#entries.get(podKey(pod))!.judgement.ready, budget.value);
  }

  #budget(): Result<Budget & { readonly kept: number }, string> {
    const { partition, maxUnavailable } = this.#rules.set.spec.updateStrategy;
    const kept = partitionOf(partition, this.#selected);
    const limit = maxUnavailableOf(maxUnavailable, this.#counters.matched);
    if (!kept.ok) return err(kept.error);
    if (!limit.ok) return err(limit.error);
    return ok({
      kept: kept.value,
      released: Math.max(0, this.#candidates.size + this.#deferred.size - kept.value),
      used: this.#counters.updated - this.#counters.updatedReady,
      limit: limit.value,
    });
  }

  /** @returns whether the pod is a candidate */
  #enter(pod: PodRecord): boolean {
    const key = podKey(pod);
    const judgement = judgePod(podFacts(pod, this.#rules));
    const entry: Entry = { pod, judgement, available: judgement.available && judgement.credibleAt === undefined };
    this.#entries.set(key, entry);
    this.#count(entry, 1);
    if (judgement.credibleAt !== undefined) this.#doubtful.set(key, entry);
    if (judgement.flips) this.#flips.set(key, pod);
    if (judgement.upgradable !== undefined) this.#marks.set(key, pod);
    return judgement.settled === undefined;
  }

  #count({ pod, judgement, available }: Entry, by: 1 | -1): void {
    if (judgement.counts) {
      this.#counters.matched += by;
      this.#candidates.count(pod, judgement.updated, by);
    }
    if (judgement.counts && judgement.selected) this.#selected += by;
    if (judgement.updated) this.#counters.updated += by;
    this.#countAvailable(judgement, available ? by : 0);
    if (judgement.revision === "") return;
    const uses = (this.#revisions.get(judgement.revision) ?? 0) + by;
    if (uses === 0) this.#revisions.delete(judgement.revision);
    else this.#revisions.set(judgement.revision, uses);
  }

  #countAvailable({ updated }: Judgement, by: 1 | 0 | -1): void {
    this.#counters.ready += by;
    if (updated) this.#counters.updatedReady += by;
  }

  /** Believes the readiness of pods whose time has come, and gives refused ones another chance. */
  #settle(now: number): void {
    for (const [key, { until }] of this.#deferred) {
      if (until > now) continue;
      this.#deferred.delete(key);
      const entry = this.#entries.get(key);
      if (entry && !entry.judgement.settled) this.#candidates.add(entry.pod);
    }
    for (const [key, entry] of this.#doubtful) {
      if (entry.judgement.credibleAt! > now) continue;
      this.#doubtful.delete(key);
      entry.available = true;
      this.#countAvailable(entry.judgement, 1);
    }
  }

  #wakeAfterMs(now: number): number | undefined {
    const times = [
      ...[...this.#doubtful.values()].map(({ judgement }) => judgement.credibleAt!),
      ...[...this.#deferred.values()].map(({ until }) => until),
    ];
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - now);
  }
}

function waiting(budget: Result<Budget & { readonly kept: number }, string>, rank: number, place: number): Verdict {
  if (!budget.ok) return { kind: "wait", because: "unreadableStrategy", message: budget.error };
  const { released, kept, used, limit } = budget.value;
  if (rank >= released) return { kind: "wait", because: "partition", rank: rank + 1, kept };
  return { kind: "wait", because: "maxUnavailable", used, limit, place };
}

function judgesAlike(one: SidecarSet, other: SidecarSet): boolean {
  return (
    one.uid === other.uid &&
    one.generation === other.generation &&
    one.annotations[HASH_ANNOTATION] === other.annotations[HASH_ANNOTATION] &&
    one.annotations[HASH_WITHOUT_IMAGE_ANNOTATION] === other.annotations[HASH_WITHOUT_IMAGE_ANNOTATION]
  );
}

function nameOf({ namespace, name }: PodRecord): { readonly namespace: string; readonly name: string } {
  return { namespace, name };
}
