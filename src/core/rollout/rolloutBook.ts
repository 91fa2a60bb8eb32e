import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import type { PodName, PodRecord } from "../pod/podRecord.ts";
import type { Result } from "../result.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Stop } from "../sidecarSet/stopSwitches.ts";
import { BookAccount } from "./bookAccount.ts";
import { type BookEntry, bookEntry, holdsBudget } from "./bookEntry.ts";
import { nextWave, type RolloutBudget, rolloutBudget } from "./budget.ts";
import { keyOf } from "./candidate.ts";
import { Candidates, NOBODY, type PassedOver } from "./candidates.ts";
import { DoubtfulPods } from "./doubtfulPods.ts";
import { Judge } from "./judge.ts";
import { namingFields } from "./nonImageFields.ts";
import { podActions } from "./podActions.ts";
import { PodIndex } from "./podIndex.ts";
import { queueVerdicts } from "./queueVerdicts.ts";
import { readsAlike } from "./readsAlike.ts";
import { RefusedWrites } from "./refusedWrites.ts";
import { ReportedPods } from "./reportedPods.ts";
import { planRevisions } from "./revisionHistory.ts";
import type { PlanInput, PodAction, RolloutPlan } from "./rolloutPlan.ts";
import { isNamespaceSelected, isSelected, judgesAlike, type RolloutRules } from "./rolloutRules.ts";
import type { PodCounters, RolloutSummary } from "./rolloutSummary.ts";
import { rolloutStatus } from "./status.ts";
import { statusWrites } from "./statusWrites.ts";
import type { Verdict } from "./verdict.ts";
import { waitingPods } from "./waitingPods.ts";

/** Who is taken now, and who would be if its workload had room. */
interface Round {
  /** An explanation where the strategy cannot be read. */
  readonly budget: Result<RolloutBudget, string>;
  readonly wave: readonly BookEntry[];
  readonly passedOver: PassedOver;
}

/**
 * The running account of one set's rollout: a judgement per pod, counters, and the candidates in order. A pod's event changes one
 * entry; a plan reads the counters and takes the next few candidates, so neither costs more in a large fleet. An edited set gets a new
 * book. Entries and counters are mutated in place, for speed; nothing of them is handed out.
 */
export class RolloutBook {
  #rules: RolloutRules;
  readonly #entries = new PodIndex<BookEntry>();
  readonly #account = new BookAccount();
  readonly #candidates: Candidates<BookEntry>;
  readonly #reported = new ReportedPods();
  readonly #doubtful = new DoubtfulPods();
  readonly #refused = new RefusedWrites();
  /** Pods with a pair that can be flipped, and those whose condition is to be told something. */
  readonly #flips = new Set<BookEntry>();
  readonly #marks = new Set<BookEntry>();
  readonly #judge: Judge;
  /** How many times a pod was judged. */
  judged = 0;
  #stopped: Stop | undefined;

  private constructor(rules: RolloutRules) {
    this.#rules = rules;
    this.#judge = new Judge(rules);
    this.#candidates = new Candidates(rules);
  }

  /** @param pods the pods that the set selects, each once; see {@link isSelected} */
  static open(rules: RolloutRules, pods: Iterable<PodRecord>): RolloutBook {
    const book = new RolloutBook(rules);
    for (const pod of pods) book.#entries.add(book.#enter(pod));
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

  has(pod: PodName): boolean {
    return this.#entries.get(pod) !== undefined;
  }

  /** Whether it carries the newest revision and counts as available. */
  isDone(pod: PodName): boolean {
    const entry = this.#entries.get(pod);
    return entry?.judgement.updated === true && entry.available;
  }

  get counters(): PodCounters {
    return this.#account.counters;
  }

  /**
   * A selected pod is new or has changed.
   * @returns false: in nothing that the rollout reads
   */
  put(pod: PodRecord): boolean {
    const known = this.#entries.get(pod);
    if (known && readsAlike(known.pod, pod, this.#rules.set)) {
      // A write has to name the version that the pod is of now.
      known.pod = pod;
      return false;
    }
    if (known) this.#leave(known);
    this.#entries.set(this.#enter(pod));
    return true;
  }

  /** A pod is gone, or no longer selected. */
  remove(pod: PodName): void {
    const entry = this.#entries.get(pod);
    if (entry) this.#leave(entry);
    this.#entries.delete(pod);
    this.#refused.forget(pod);
  }

  /** The API server refuses to have this pod upgraded: others have their turn until then, as long as it is a candidate. */
  defer(pod: PodName, until: number, message: string, refused: PodAction["kind"] = "upgradePod"): void {
    const entry = this.#entries.get(pod);
    if (!entry) return;
    if (refused === "flipPod" && this.#flips.delete(entry)) this.#refused.refuseFlip(pod, until);
    if (entry.judgement.settled) return;
    this.#candidates.delete(entry);
    this.#refused.refuseUpgrade({ pod, until, message });
  }

  /** While they are stopped no pod is written; status and revisions go on. Undefined: they are not. */
  stopUpdates(stop: Stop | undefined): void {
    this.#stopped = stop;
  }

  plan(input: PlanInput): RolloutPlan {
    const { collisionCount, now, upgraded = 0 } = input;
    this.#settle(now);
    const revisions = [...input.revisions];
    const { set } = this.#rules;
    const round = this.#round();
    const budget = round.budget.ok ? round.budget.value : undefined;
    const idle = { actions: [], status: undefined, budget, wakeAfterMs: undefined };
    if (set.deleting) return idle;
    const isInUse = (name: string) => this.#account.names(name);
    const history = planRevisions(set, revisions, { collisionCount, isInUse });
    if (history.latest === undefined) return { ...idle, actions: history.actions };
    const latestRevision = history.latest;
    const pods = this.#summary(round);
    const before = input.before ?? set.status;
    const status = rolloutStatus({ ...input, set, pods, latestRevision, revisions, before, upgraded });
    const due = { wave: round.wave, flips: this.#flips, marks: this.#marks };
    const writes = this.#stopped ? [] : podActions(due, this.#rules, { now, latestRevision });
    return {
      ...idle,
      actions: [...history.actions, ...statusWrites(set, status, pods), ...writes],
      status,
      wakeAfterMs: this.#wakeAfterMs(now),
    };
  }

  /** What is known of each pod; unlike a plan this looks at all of them. To be read at once: the next event may change it. */
  pods(now: number): Iterable<Readonly<BookEntry>> {
    this.#settle(now);
    return this.#entries.values();
  }

  /** The verdict on every selected pod; unlike a plan this looks at all of them. */
  verdicts(now: number, revisions: Iterable<ControllerRevision> = []): ReadonlyMap<string, Verdict> {
    this.#settle(now);
    const verdicts = new Map<string, Verdict>();
    const named = namingFields(this.#rules.set, revisions);
    for (const entry of this.#entries.values()) {
      const { settled } = entry.judgement;
      if (settled) verdicts.set(keyOf(entry), settled.because === "nonImageChange" ? named(settled) : settled);
    }
    const stopped = this.#stopped && ({ kind: "wait", because: "updatesStopped", ...this.#stopped } as const);
    for (const { pod, message } of this.#refused.upgrades) {
      verdicts.set(keyOf({ pod }), stopped ?? { kind: "wait", because: "writeRefused", message });
    }
    if (stopped) {
      for (const entry of this.#flips) verdicts.set(keyOf(entry), stopped);
      for (const entry of this.#candidates.inOrder()) verdicts.set(keyOf(entry), stopped);
      return verdicts;
    }
    const { wave, ...round } = this.#round();
    const queued = queueVerdicts({
      ...round,
      candidates: this.#candidates.inOrder(),
      wave: new Set(wave),
      rules: this.#rules,
    });
    for (const [key, verdict] of queued) verdicts.set(key, verdict);
    return verdicts;
  }

  #summary(round: Round): RolloutSummary {
    const { budget, wave } = round;
    return {
      counters: this.counters,
      selected: this.#reported.selected,
      next: wave.filter(({ pod }) => !this.#refused.isRetried(pod)).length,
      waiting: this.#waiting(round),
      drifted: this.#reported.drifted,
      failing: this.#reported.failing,
      budget: budget.ok ? { limit: budget.value.limit, used: budget.value.used } : undefined,
    };
  }

  #waiting({ budget, wave, passedOver }: Round): RolloutSummary["waiting"] {
    return waitingPods({
      settled: this.#reported.waiting(),
      candidates: this.#candidates,
      wave,
      passedOver,
      deferred: [...this.#refused.upgrades].map(keyOf),
      isRetried: ({ pod }) => this.#refused.isRetried(pod),
      flips: [...this.#flips].map((entry) => ({ key: keyOf(entry), because: entry.judgement.settled?.because })),
      updatesStopped: this.#stopped !== undefined,
      released: budget.ok ? budget.value.released : undefined,
    });
  }

  #round(): Round {
    const budget = this.#budget();
    if (!budget.ok) return { budget, wave: [], passedOver: NOBODY };
    const wave = nextWave(this.#candidates, ({ judgement }) => judgement.ready, budget.value);
    // Where the partition lets nobody go, nobody waits for a workload.
    const passedOver = budget.value.released > 0 ? this.#candidates.passedOver(wave) : NOBODY;
    return { budget, wave, passedOver };
  }

  #budget(): Result<RolloutBudget, string> {
    const { selected, used, counters } = this.#account;
    return rolloutBudget(this.#rules.set.spec.updateStrategy, {
      matched: counters.matched,
      selected,
      waiting: this.#candidates.size + this.#refused.size,
      used,
    });
  }

  /** Takes the pod into every account. */
  #enter(pod: PodRecord): BookEntry {
    const entry = bookEntry(pod, this.#rules, this.#judge);
    const { judgement } = entry;
    this.judged++;
    this.#count(entry, 1);
    this.#reported.add(entry);
    if (judgement.credibleAt !== undefined) this.#doubtful.add(entry);
    if (judgement.flips && !this.#refused.isFlipRefused(pod)) this.#flips.add(entry);
    if (judgement.upgradable !== undefined) this.#marks.add(entry);
    if (judgement.settled) this.#refused.forgetUpgrade(pod);
    else if (!this.#refused.isUpgradeRefused(pod)) this.#candidates.add(entry);
    return entry;
  }

  /** Takes the entry out of every account. */
  #leave(entry: BookEntry): void {
    if (!entry.judgement.settled) this.#candidates.delete(entry);
    this.#count(entry, -1);
    this.#reported.delete(entry);
    this.#doubtful.delete(entry);
    this.#flips.delete(entry);
    this.#marks.delete(entry);
  }

  #count(entry: BookEntry, by: 1 | -1): void {
    const { pod, judgement } = entry;
    this.#account.count(entry, by);
    if (judgement.counts) this.#candidates.count(pod, judgement.updated, by);
    if (holdsBudget(entry)) this.#candidates.hold(pod, by);
  }

  /** Believes the readiness of pods whose time has come, and gives refused ones another chance. */
  #settle(now: number): void {
    this.#refused.settle(now, {
      upgrade: (pod) => {
        const entry = this.#entries.get(pod);
        if (entry && !entry.judgement.settled) this.#candidates.add(entry);
      },
      flip: (pod) => {
        const entry = this.#entries.get(pod);
        if (entry?.judgement.flips) this.#flips.add(entry);
      },
    });
    this.#doubtful.settle(now, (entry) => {
      entry.available = true;
      this.#account.believe(entry);
      if (entry.judgement.updated) this.#candidates.hold(entry.pod, -1);
    });
    this.#reported.settle(now);
  }

  #wakeAfterMs(now: number): number | undefined {
    const times = [this.#reported.nextDeadline, this.#refused.nextAt, this.#doubtful.nextAt];
    const next = Math.min(...times.filter((time) => time !== undefined));
    return next === Number.POSITIVE_INFINITY ? undefined : Math.max(0, next - now);
  }
}
