import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { type PodRecord, podKey } from "../pod/podRecord.ts";
import type { Result } from "../result.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet, SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";
import type { Stop } from "../sidecarSet/stopSwitches.ts";
import { nextWave, type RolloutBudget, rolloutBudget } from "./budget.ts";
import { Candidates, NOBODY, type PassedOver } from "./candidates.ts";
import type { Registered } from "./conditions.ts";
import { type Judgement, judgePod } from "./judgePod.ts";
import { newsBetween } from "./news.ts";
import { namingFields } from "./nonImageFields.ts";
import { flipAction, markAction, upgradeActions } from "./podActions.ts";
import { podFacts } from "./podFacts.ts";
import { reportOn } from "./podReport.ts";
import { queueVerdicts } from "./queueVerdicts.ts";
import { readsAlike } from "./readsAlike.ts";
import { RefusedWrites } from "./refusedWrites.ts";
import { type ReportedPod, ReportedPods } from "./reportedPods.ts";
import { planRevisions } from "./revisionHistory.ts";
import type { PodAction, RolloutPlan, WriteStatus } from "./rolloutPlan.ts";
import { isNamespaceSelected, isSelected, type RolloutRules } from "./rolloutRules.ts";
import type { PodCounters, RolloutSummary } from "./rolloutSummary.ts";
import { needsWriting, type RolloutStatus, rolloutStatus } from "./status.ts";
import { upgradePatch } from "./upgradePatch.ts";
import type { Verdict } from "./verdict.ts";
import { waitingPods } from "./waitingPods.ts";

export interface PlanInput {
  /** Stored revisions of the set; others' are ignored. */
  readonly revisions: Iterable<ControllerRevision>;
  /** Name collisions met so far, the status' own count included. */
  readonly collisionCount: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The status that was planned last, where it may not have been written yet; left out: the stored one. */
  readonly before?: SidecarSetStatus | RolloutStatus | undefined;
  /** Pods upgraded since then; default 0. */
  readonly upgraded?: number;
  /** Whether the set's pods come to the webhook; undefined: it is not known. */
  readonly registered?: Registered | undefined;
}

interface Entry extends ReportedPod {
  pod: PodRecord;
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
  readonly #reported = new ReportedPods((key) => this.#entries.get(key)?.report.failing);
  /** Pods whose readiness may still be that of the containers before the restart. */
  readonly #doubtful = new Map<string, Entry>();
  readonly #refused = new RefusedWrites();
  /** How many pods name a revision. */
  readonly #revisions = new Map<string, number>();
  readonly #counters = { matched: 0, updated: 0, ready: 0, updatedReady: 0 };
  /** Pods that an earlier upgrade of ours still holds down while the set asks for another one already. */
  #inFlight = 0;
  /** How many times a pod was judged. */
  judged = 0;
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
    for (const pod of pods) if (!book.#enter(pod).judgement.settled) candidates.push(pod);
    book.#candidates.fill(candidates);
    book.#reported.fill(book.#entries.values());
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

  get set(): SidecarSet {
    return this.#rules.set;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get counters(): PodCounters {
    return { ...this.#counters };
  }

  /**
   * A selected pod is new or has changed.
   * @returns false: in nothing that the rollout reads
   */
  put(pod: PodRecord): boolean {
    const key = podKey(pod);
    const known = this.#entries.get(key);
    if (known && readsAlike(known.pod, pod, this.#rules.set)) return this.#renew(known, pod);
    if (known) this.#leave(known);
    const entry = this.#enter(pod, known?.key ?? key);
    this.#reported.add(entry);
    if (entry.judgement.settled) this.#refused.forgetUpgrade(key);
    else if (!this.#refused.isUpgradeRefused(key)) this.#candidates.add(pod);
    return true;
  }

  /** The judgement stays; a write has to name the version that the pod is of now. */
  #renew(entry: Entry, pod: PodRecord): false {
    entry.pod = pod;
    for (const index of [this.#flips, this.#marks]) if (index.has(entry.key)) index.set(entry.key, pod);
    return false;
  }

  /** A pod is gone, or no longer selected. */
  remove(key: string): void {
    this.#strike(key);
    this.#refused.forget(key);
  }

  /** The API server refuses to have this pod upgraded: others have their turn until then, as long as it is a candidate. */
  defer(key: string, until: number, message: string): void {
    const entry = this.#entries.get(key);
    if (this.#flips.delete(key)) this.#refused.refuseFlip(key, until);
    if (!entry || entry.judgement.settled) return;
    this.#candidates.delete(entry.pod);
    this.#refused.refuseUpgrade(key, { until, message });
  }

  /** While they are stopped no pod is written; status and revisions go on. Undefined: they are not. */
  stopUpdates(stop: Stop | undefined): void {
    this.#stopped = stop;
  }

  #strike(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#leave(entry);
    this.#entries.delete(key);
  }

  /** Takes the entry out of every account. */
  #leave(entry: Entry): void {
    if (!entry.judgement.settled) this.#candidates.delete(entry.pod);
    this.#count(entry, -1);
    this.#reported.delete(entry);
    for (const index of [this.#flips, this.#marks, this.#doubtful]) if (index.size > 0) index.delete(entry.key);
  }

  plan({ collisionCount, now, before, upgraded = 0, ...input }: PlanInput): RolloutPlan {
    this.#settle(now);
    const revisions = [...input.revisions];
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
    const wave = this.#wave();
    const pods = this.#summary(wave);
    const status = rolloutStatus({
      set,
      pods,
      latestRevision: history.latest,
      collisionCount,
      revisions,
      before: before ?? set.status,
      upgraded,
      registered: input.registered,
      now,
    });
    const write: WriteStatus[] = needsWriting(set.status, status)
      ? [{ kind: "writeStatus", status, news: newsBetween(set.status, status, pods) }]
      : [];
    return {
      ...idle,
      actions: [...history.actions, ...write, ...this.#podActions(wave, { now, latestRevision: history.latest })],
      status,
      wakeAfterMs: this.#wakeAfterMs(now),
    };
  }

  /** The verdict on every selected pod; unlike a plan this looks at all of them. */
  verdicts(now: number, revisions: Iterable<ControllerRevision> = []): ReadonlyMap<string, Verdict> {
    this.#settle(now);
    const verdicts = new Map<string, Verdict>();
    const named = namingFields(this.#rules.set, revisions);
    for (const [key, { judgement }] of this.#entries) {
      const { settled } = judgement;
      if (settled) verdicts.set(key, settled.because === "nonImageChange" ? named(settled) : settled);
    }
    for (const [key, { message }] of this.#refused.upgrades) {
      if (verdicts.has(key)) continue;
      verdicts.set(key, { kind: "wait", because: "writeRefused", message });
    }
    if (this.#stopped) return this.#withStop(verdicts, this.#stopped);
    const wave = this.#wave();
    const queued = queueVerdicts({
      candidates: this.#candidates.inOrder(),
      wave: new Set(wave),
      passedOver: this.#passedOver(wave),
      budget: this.#budget(),
      upgrade: (pod) => this.#upgrade(pod),
    });
    for (const [key, verdict] of queued) verdicts.set(key, verdict);
    return verdicts;
  }

  /** Of every pod that would be written sooner or later. */
  #withStop(verdicts: Map<string, Verdict>, { reason, since }: Stop): ReadonlyMap<string, Verdict> {
    const waiting: Verdict = { kind: "wait", because: "updatesStopped", reason, since };
    for (const index of [this.#flips, this.#refused.upgrades]) for (const [key] of index) verdicts.set(key, waiting);
    for (const pod of this.#candidates.inOrder()) verdicts.set(podKey(pod), waiting);
    return verdicts;
  }

  #upgrade(pod: PodRecord): Verdict {
    const patch = upgradePatch(podFacts(pod, this.#rules), { now: 0, latestRevision: "" });
    return { kind: "upgrade", changes: patch.ok ? patch.value.changes : [] };
  }

  #summary(wave: readonly PodRecord[]): RolloutSummary {
    const budget = this.#budget();
    const { used, limit } = budget.ok ? budget.value : { used: 0, limit: 0 };
    return {
      counters: { ...this.#counters },
      selected: this.#reported.selected,
      next: wave.filter((pod) => !this.#refused.isRetried(podKey(pod))).length,
      waiting: this.#waiting(wave, budget.ok ? budget.value.released : undefined),
      drifted: this.#reported.drifted,
      failing: this.#reported.failing,
      budget: budget.ok ? { limit, used } : undefined,
    };
  }

  #waiting(wave: readonly PodRecord[], released: number | undefined): RolloutSummary["waiting"] {
    const becauseOf = (key: string) => this.#entries.get(key)?.judgement.settled?.because;
    return waitingPods({
      settled: this.#reported.waiting(),
      candidates: this.#candidates,
      wave,
      passedOver: this.#passedOver(wave),
      deferred: [...this.#refused.upgrades].map(([key]) => key).filter((key) => becauseOf(key) === undefined),
      isRetried: (key) => this.#refused.isRetried(key),
      flips: [...this.#flips.keys()].map((key) => ({ key, because: becauseOf(key) })),
      updatesStopped: this.#stopped !== undefined,
      released,
    });
  }

  /** Where the partition lets nobody go, nobody waits for a workload. */
  #passedOver(wave: readonly PodRecord[]): PassedOver {
    const budget = this.#budget();
    return budget.ok && budget.value.released > 0 ? this.#candidates.passedOver(wave) : NOBODY;
  }

  #podActions(
    wave: readonly PodRecord[],
    { now, latestRevision }: { readonly now: number; readonly latestRevision: string },
  ): readonly PodAction[] {
    const { updateStrategy } = this.#rules.set.spec;
    if (this.#stopped || updateStrategy.type === "NotUpdate") return [];
    const flips = [...this.#flips.values()].map((pod) => flipAction(pod, this.#rules, now));
    // What was started is finished: a pod that is half way runs two versions and holds budget for as long as it lasts.
    if (updateStrategy.paused) return flips;
    const marks = [...this.#marks].map(([key, pod]) => {
      const upgradable = this.#entries.get(key)!.judgement.upgradable === true;
      return markAction({ pod, upgradable }, this.#rules, now);
    });
    // While a hot upgrade can be finished nothing new is started: the flip frees the budget that the pod holds.
    if (flips.length > 0) return [...marks, ...flips];
    const upgrades = wave.flatMap((candidate) => {
      const { pod, judgement } = this.#entries.get(podKey(candidate))!;
      return upgradeActions({ pod, ready: judgement.ready }, this.#rules, { now, latestRevision });
    });
    return [...marks, ...upgrades];
  }

  #wave(): readonly PodRecord[] {
    const budget = this.#budget();
    if (!budget.ok) return [];
    return nextWave(this.#candidates, (pod) => this.#entries.get(podKey(pod))!.judgement.ready, budget.value);
  }

  #budget(): Result<RolloutBudget, string> {
    const { matched, updated, updatedReady } = this.#counters;
    return rolloutBudget(this.#rules.set.spec.updateStrategy, {
      matched,
      selected: this.#selected,
      waiting: this.#candidates.size + this.#refused.size,
      used: updated - updatedReady + this.#inFlight,
    });
  }

  #enter(pod: PodRecord, key = podKey(pod)): Entry {
    const facts = podFacts(pod, this.#rules);
    const judgement = judgePod(facts);
    this.judged++;
    const available = judgement.available && judgement.credibleAt === undefined;
    const report = reportOn(facts, judgement.available);
    const entry: Entry = { key, pod, judgement, report, overdue: false, available };
    this.#entries.set(key, entry);
    this.#count(entry, 1);
    if (judgement.credibleAt !== undefined) this.#doubtful.set(key, entry);
    if (judgement.flips && !this.#refused.isFlipRefused(key)) this.#flips.set(key, pod);
    if (judgement.upgradable !== undefined) this.#marks.set(key, pod);
    return entry;
  }

  #count({ pod, judgement, available }: Entry, by: 1 | -1): void {
    if (judgement.counts) {
      this.#counters.matched += by;
      this.#candidates.count(pod, judgement.updated, by);
    }
    if (judgement.counts && judgement.selected) this.#selected += by;
    if (judgement.updated) this.#counters.updated += by;
    if (judgement.inFlight) this.#inFlight += by;
    this.#countAvailable(judgement, available ? by : 0);
    if (judgement.inFlight || (judgement.updated && !available)) this.#candidates.hold(pod, by);
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
    this.#refused.settle(now, {
      upgrade: (key) => {
        const entry = this.#entries.get(key);
        if (entry && !entry.judgement.settled) this.#candidates.add(entry.pod);
      },
      flip: (key) => {
        const entry = this.#entries.get(key);
        if (entry?.judgement.flips) this.#flips.set(key, entry.pod);
      },
    });
    for (const [key, entry] of this.#doubtful) {
      if (entry.judgement.credibleAt! > now) continue;
      this.#doubtful.delete(key);
      entry.available = true;
      this.#countAvailable(entry.judgement, 1);
      if (entry.judgement.updated) this.#candidates.hold(entry.pod, -1);
    }
    this.#reported.settle(now);
  }

  #wakeAfterMs(now: number): number | undefined {
    let next = Math.min(
      this.#reported.nextDeadline ?? Number.POSITIVE_INFINITY,
      this.#refused.nextAt ?? Number.POSITIVE_INFINITY,
    );
    for (const { judgement } of this.#doubtful.values()) next = Math.min(next, judgement.credibleAt!);
    return next === Number.POSITIVE_INFINITY ? undefined : Math.max(0, next - now);
  }
}

function judgesAlike(one: SidecarSet, other: SidecarSet): boolean {
  return (
    one.uid === other.uid &&
    one.generation === other.generation &&
    one.annotations[HASH_ANNOTATION] === other.annotations[HASH_ANNOTATION] &&
    one.annotations[HASH_WITHOUT_IMAGE_ANNOTATION] === other.annotations[HASH_WITHOUT_IMAGE_ANNOTATION]
  );
}
