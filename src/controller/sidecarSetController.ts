import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { labelsOf, type RolloutCopies } from "../cluster/gatherSnapshot.ts";
import type { Change } from "../cluster/localCopy.ts";
import { storedSidecarSet } from "../cluster/readSidecarSet.ts";
import type { ControllerRevision, Namespace } from "../core/kube/object.ts";
import { type PodRecord, podKey } from "../core/pod/podRecord.ts";
import { unreachable } from "../core/result.ts";
import type { RolloutBook } from "../core/rollout/rolloutBook.ts";
import { DEFAULT_SYSTEM_NAMESPACE, SIDECAR_SET_NAME_LABEL } from "../core/sidecarSet/annotations.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { logAction } from "./actionLog.ts";
import type { Effect } from "./applyAction.ts";
import { type Applier, applyPlan, isAboutPod } from "./applyPlan.ts";
import type { ControllerObserver } from "./controllerObserver.ts";
import type { CurrentView } from "./currentView.ts";
import { EventRecorder } from "./eventRecorder.ts";
import { nextActions, troubleOf } from "./planSteps.ts";
import { PodWrites } from "./podWrites.ts";
import type { Registrations } from "./registrations.ts";
import { RevisionIndex } from "./revisionIndex.ts";
import { RolloutBooks } from "./rolloutBooks.ts";
import type { RunningRollout } from "./rolloutCourse.ts";
import type { SetState } from "./setState.ts";
import { StatusKeeper } from "./statusKeeper.ts";
import { StreamedPlans } from "./streamedPlans.ts";
import { type QueueLoad, WorkQueue } from "./workQueue.ts";
import { WriteWindow } from "./writeWindow.ts";

export interface ControllerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly copies: RolloutCopies;
  /** Where the ControllerRevisions live. */
  readonly systemNamespace?: string;
  /** Namespaces whose pods are never injected. */
  readonly excludedNamespaces?: readonly string[];
  /** Whether the pods of a SidecarSet are sent to the webhook; absent: nobody here knows. */
  readonly registrations?: Registrations;
  /** Who is told how it goes, for metrics and traces; absent: nobody. */
  readonly observer?: ControllerObserver | undefined;
  /** Ends the work; what is under way is finished. */
  readonly signal: AbortSignal;
}

/**
 * Keeps the pods of every SidecarSet on its way to the newest revision: what changes in the cluster is entered into the books, and
 * each affected set is planned anew and its plan carried out. Only one instance may run per cluster.
 */
export class SidecarSetController {
  readonly #options: ControllerOptions;
  readonly #systemNamespace: string;
  readonly #queue: WorkQueue;
  readonly #books: RolloutBooks;
  readonly #podWrites: PodWrites;
  readonly #view: CurrentView;
  readonly #revisions = new RevisionIndex();
  readonly #collisions = new Map<string, number>();
  readonly #status: StatusKeeper;
  readonly #events: EventRecorder;
  readonly #window: WriteWindow;
  readonly #plans = new StreamedPlans((name) => this.#queue.add(name));

  constructor(options: ControllerOptions) {
    const { clock, random, log } = options.environment;
    this.#options = options;
    this.#status = new StatusKeeper(clock);
    this.#events = new EventRecorder(options.cluster, options.environment);
    this.#systemNamespace = options.systemNamespace ?? DEFAULT_SYSTEM_NAMESPACE;
    this.#window = new WriteWindow(clock);
    this.#podWrites = new PodWrites({
      ...options,
      books: () => this.#books,
      enqueue: (names) => this.#enqueue(names),
    });
    this.#view = this.#podWrites.view;
    this.#books = new RolloutBooks({
      pods: () => this.#view.pods(),
      namespaceLabels: () => this.#view.allNamespaceLabels(),
      excludedNamespaces: options.excludedNamespaces,
    });
    this.#queue = new WorkQueue({
      clock,
      random,
      work: (name) => this.#reconcile(name),
      observer: options.observer?.queue,
      onFailure: (sidecarset, error, retryInMs) => {
        // What was under way when we were told to end, or ceased to lead, is for the next leader.
        if (options.signal.aborted || isClusterError(error, "notLeading")) return;
        log("warn", "the rollout cannot go on", { sidecarset, error: messageOf(error), retryInMs });
      },
    });
  }

  /** Waits for the copies, then works until the signal aborts. Settles when the work has begun. */
  async start(): Promise<void> {
    const { sidecarSets, pods, namespaces, revisions, switches } = this.#options.copies;
    const { signal } = this.#options;
    await Promise.all([sidecarSets.synced, pods.synced, namespaces.synced, revisions.synced, switches?.synced]);
    if (signal.aborted) return;
    const unsubscribe = [
      sidecarSets.subscribe((change) => this.#setChanged(change)),
      pods.subscribe((change) => this.#podChanged(change)),
      namespaces.subscribe((change) => this.#namespaceChanged(change)),
      revisions.subscribe((change) => this.#revisionChanged(change)),
      switches?.subscribe(() => this.#enqueue(this.#books.names())),
      this.#options.registrations?.subscribe((names) => this.#enqueue(names)),
    ];
    for (const revision of revisions.values()) this.#revisions.put(revision);
    for (const set of sidecarSets.values()) if (set) this.#enter(set);
    signal.addEventListener(
      "abort",
      () => {
        for (const stop of unsubscribe) stop?.();
        for (const part of [this.#queue, this.#view, this.#events, this.#window, this.#options.observer?.course])
          part?.stop();
      },
      { once: true },
    );
  }

  /** Of every set. */
  *states(): Iterable<SetState> {
    for (const name of this.#books.names()) {
      const set = this.#view.set(name);
      if (set) yield { set, status: this.#status.newest(name) };
    }
  }

  get load(): QueueLoad {
    return this.#queue.load;
  }

  running(): Iterable<RunningRollout> {
    return this.#options.observer?.course.running() ?? [];
  }

  /** @returns when to plan again, in milliseconds; undefined: when something changes */
  async #reconcile(name: string): Promise<number | undefined> {
    const book = this.#books.get(name);
    if (!book) return undefined;
    this.#plans.tellFailure(name);
    const now = this.#options.environment.clock.now();
    const collisionCount = this.#collisionCount(name);
    book.stopUpdates(this.#view.updatesStopped());
    const set = this.#view.set(name);
    const plan = book.plan({
      revisions: this.#revisions.of(name),
      collisionCount,
      now,
      registered: set && this.#options.registrations?.of(set),
      ...this.#status.course(set),
    });
    this.#status.planned(set, plan.status);
    this.#options.observer?.course.planned(set, plan.status, (pod) => book.isDone(pod));
    const { actions, postponedMs } = this.#status.due(name, nextActions(plan.actions));
    const target = { cluster: this.#options.cluster, sidecarSet: name, systemNamespace: this.#systemNamespace };
    const { sent, done } = applyPlan(actions, target, this.#applier(name, book));
    await this.#plans.follow(name, { sent, trouble: done.then(troubleOf) });
    return earliest(plan.wakeAfterMs, postponedMs);
  }

  #applier(name: string, book: RolloutBook): Applier {
    const { log } = this.#options.environment;
    const set = this.#view.set(name);
    return {
      window: this.#window,
      mayWrite: ({ pod }) => this.#goesOn(name, book) && !this.#podWrites.isUnderWay(pod),
      sending: (action) => {
        if (action.kind === "writeStatus") this.#status.writing(name);
        if (isAboutPod(action)) this.#podWrites.sending(action);
      },
      carriedOut: (action, effect) => {
        logAction(log, action, { sidecarset: name, wave: this.#status.wave(name) });
        if (action.kind === "upgradePod") {
          this.#status.upgraded(name);
          this.#options.observer?.course.upgraded(name, action.pod);
        }
        if (action.kind === "writeStatus" && set) this.#events.tell(set, action.news);
        this.#take(name, effect);
      },
      failed: (action, error) => {
        if (action.kind === "writeStatus") this.#status.notWritten(name);
        if (isAboutPod(action)) this.#podWrites.failed(name, action, error);
      },
    };
  }

  /** Whether what was planned by this book may still be written. */
  #goesOn(name: string, book: RolloutBook): boolean {
    const isStopped = this.#options.signal.aborted || this.#view.updatesStopped() !== undefined;
    return !isStopped && this.#books.get(name) === book;
  }

  /** Collisions that the status tells of, and those met since. */
  #collisionCount(name: string): number {
    return Math.max(this.#view.set(name)?.status.collisionCount ?? 0, this.#collisions.get(name) ?? 0);
  }

  /** What we have written counts at once, not when the watch tells us. */
  #take(name: string, effect: Effect): void {
    switch (effect.kind) {
      case "pod":
        this.#podWrites.carriedOut(effect.object);
        return;
      case "sidecarSet": {
        this.#status.written(name);
        const parsed = storedSidecarSet(effect.object);
        if (!parsed.ok || !this.#books.get(name)) return;
        this.#view.noteSet(parsed.value);
        this.#enter(this.#view.set(name) ?? parsed.value);
        return;
      }
      case "revision":
        this.#revisions.put(effect.object);
        this.#queue.add(name, 0);
        return;
      case "revisionGone":
        this.#revisions.removeName(name, effect.name);
        return;
      case "collision":
        this.#collisions.set(name, this.#collisionCount(name) + 1);
        this.#queue.add(name, 0);
        return;
      default:
        unreachable(effect);
    }
  }

  #enter(set: SidecarSet): void {
    this.#enqueue(this.#books.setChanged(set));
  }

  #enqueue(names: readonly string[]): void {
    for (const name of names) this.#queue.add(name);
  }

  #setChanged(change: Change<SidecarSet | undefined>): void {
    if (change.type !== "deleted" && change.object) {
      this.#enter(this.#view.newestSet(change.object));
      return;
    }
    const name = change.type === "added" ? undefined : change.old?.name;
    if (name === undefined) return;
    if (change.type === "deleted") this.#tellWhatRemains(change.old);
    this.#books.setGone(name);
    this.#view.forgetSet(name);
    this.#queue.forget(name);
    this.#collisions.delete(name);
    this.#status.forget(name);
    this.#plans.forget(name);
    this.#options.observer?.course.setGone(name);
  }

  /** The pods of a set that is gone keep its sidecars, and nobody upgrades them any more. */
  #tellWhatRemains(set: SidecarSet | undefined): void {
    const { matched = 0 } = (set && this.#books.get(set.name)?.counters) ?? {};
    if (!set || matched === 0) return;
    const message = `${matched} pods keep the sidecars of this SidecarSet, which is gone, until they are recreated`;
    this.#options.environment.log("info", message, { sidecarset: set.name, pods: matched });
    this.#events.tell(set, [{ type: "Warning", reason: "SidecarsRemain", message }]);
    this.#events.forget(set);
  }

  #podChanged(change: Change<PodRecord>): void {
    if (change.type === "deleted") {
      const key = podKey(change.old);
      this.#view.forgetPod(key);
      this.#options.observer?.course.gone(change.old);
      this.#enqueue(this.#books.podGone(change.old));
      return;
    }
    this.#view.writes.seen(podKey(change.object));
    if (!this.#view.isNews(change.object)) return;
    this.#options.observer?.course.seen(change.object);
    this.#podWrites.enter(change.object);
  }

  #namespaceChanged(change: Change<Namespace>): void {
    const before = change.type === "added" ? undefined : labelsOf(change.old);
    const after = change.type === "deleted" ? undefined : labelsOf(change.object);
    const { name = "" } = (change.type === "deleted" ? change.old : change.object).metadata;
    this.#enqueue(this.#books.namespaceChanged(name, before, after));
  }

  #revisionChanged(change: Change<ControllerRevision>): void {
    const revision = change.type === "deleted" ? change.old : change.object;
    if (change.type === "deleted") this.#revisions.remove(revision);
    else this.#revisions.put(revision);
    const name = revision.metadata.labels?.[SIDECAR_SET_NAME_LABEL];
    if (name !== undefined && this.#books.get(name)) this.#queue.add(name);
  }
}

function earliest(...delays: readonly (number | undefined)[]): number | undefined {
  const given = delays.filter((delay) => delay !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
