import { OwnWrites } from "../../src/controller/ownWrites.ts";
import { RolloutBooks } from "../../src/controller/rolloutBooks.ts";
import type { Labels } from "../../src/core/kube/labelSelector.ts";
import type { ControllerRevision } from "../../src/core/kube/object.ts";
import { type PodName, type PodRecord, podKey } from "../../src/core/pod/podRecord.ts";
import { judgePod } from "../../src/core/rollout/judgePod.ts";
import { openBook } from "../../src/core/rollout/planRollout.ts";
import { PlayedRecords } from "../../src/core/rollout/playedRecords.ts";
import { podFacts } from "../../src/core/rollout/podFacts.ts";
import type { RolloutBook } from "../../src/core/rollout/rolloutBook.ts";
import { firstStep, type PodAction, type RolloutPlan } from "../../src/core/rollout/rolloutPlan.ts";
import { rolloutRules } from "../../src/core/rollout/rolloutRules.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import type { Stop } from "../../src/core/sidecarSet/stopSwitches.ts";
import { testsHold } from "./patchedRecord.ts";
import { type Edition, NAMESPACES, SET_NAMES, type SetName, START, sidecarSetOf } from "./rolloutCases.ts";

interface News {
  readonly key: string;
  /** Undefined: it is gone. */
  readonly pod: PodRecord | undefined;
}

interface Deferral {
  readonly until: number;
  readonly message: string;
}

/** Told right before a pod is upgraded, with how many may be unavailable. */
export type OnUpgrade = (pod: PodRecord, set: SidecarSet, limit: number) => void;

/**
 * A cluster in small: what the API server holds, what a watch has told of it so far, and the controller's part that keeps the books.
 * Everything is changed in place.
 */
export class RolloutWorld {
  now = START;
  stop: Stop | undefined;
  readonly server = new Map<string, PodRecord>();
  readonly namespaces = new Map<string, Labels>(NAMESPACES.map((name) => [name, { env: "prod" }]));
  readonly editions = new Map<SetName, Edition>();
  readonly sets = new Map<SetName, SidecarSet>();
  readonly #copy = new Map<string, PodRecord>();
  #news: News[] = [];
  #timers: { readonly at: number; readonly ring: () => void }[] = [];
  #version = 1;
  #own = this.#newOwnWrites();
  #books = this.#newBooks();
  readonly #deferred = new Map<SetName, Map<string, Deferral>>(SET_NAMES.map((name) => [name, new Map()]));
  readonly #revisions = new Map<SetName, readonly ControllerRevision[]>();
  readonly #records = new PlayedRecords();

  constructor(pods: readonly PodRecord[], editions: ReadonlyMap<SetName, Edition>) {
    for (const pod of pods) this.server.set(podKey(pod), pod);
    for (const [key, pod] of this.server) this.#copy.set(key, pod);
    for (const [name, edition] of editions) this.edit(name, edition);
  }

  /** Somebody, or the kubelet, changes a pod; the controller hears of it later. */
  write(pod: PodRecord): PodRecord {
    const stored = { ...pod, resourceVersion: `${++this.#version}` };
    this.server.set(podKey(stored), stored);
    this.#news.push({ key: podKey(stored), pod: stored });
    return stored;
  }

  remove(key: string): void {
    if (!this.server.delete(key)) return;
    this.#news.push({ key, pod: undefined });
  }

  /** The watch tells the next few changes. */
  hear(most: number): void {
    for (const news of this.#news.splice(0, most)) this.#hear(news);
  }

  #hear({ key, pod }: News): void {
    if (!pod) {
      this.#copy.delete(key);
      this.#own.forget(key);
      this.#books.podGone(podNamed(key));
    } else {
      this.#copy.set(key, pod);
      if (this.#own.newest(key, pod) === pod) this.#enter(pod);
    }
    this.#settleDeferrals();
  }

  edit(name: SetName, edition: Edition): void {
    const set = sidecarSetOf(name, edition);
    this.editions.set(name, edition);
    this.#revisions.set(name, revisionsOf(set, edition));
    this.#deferred.get(name)!.clear();
    this.#store(name, { ...set, status: this.sets.get(name)?.status ?? set.status });
  }

  deleteSet(name: SetName): void {
    this.editions.delete(name);
    this.sets.delete(name);
    this.#deferred.get(name)!.clear();
    this.#books.setGone(name);
  }

  relabelNamespace(name: string, labels: Labels | undefined): void {
    const before = this.namespaces.get(name);
    if (labels) this.namespaces.set(name, labels);
    else this.namespaces.delete(name);
    this.#books.namespaceChanged(name, before, labels);
    this.#settleDeferrals();
  }

  pass(ms: number): void {
    this.now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.now);
    this.#timers = this.#timers.filter(({ at }) => at > this.now);
    for (const { ring } of due) ring();
  }

  /** Another instance takes over: it lists everything and knows nothing of before. */
  restartController(): void {
    this.#own.stop();
    this.#timers = [];
    this.#news = [];
    this.#copy.clear();
    for (const [key, pod] of this.server) this.#copy.set(key, pod);
    this.#own = this.#newOwnWrites();
    this.#books = this.#newBooks();
    for (const name of SET_NAMES) this.#deferred.get(name)!.clear();
    for (const set of this.sets.values()) this.#books.setChanged(set);
  }

  /** The first pod of the next wave cannot be written. */
  refuse(name: SetName): void {
    const upgrade = this.plan(name)?.actions.find(({ kind }) => kind === "upgradePod");
    if (upgrade?.kind !== "upgradePod") return;
    const deferral = { until: this.now + 30_000, message: "refused" };
    this.#deferred.get(name)!.set(podKey(upgrade.pod), deferral);
    this.#books.get(name)!.defer(upgrade.pod, deferral.until, deferral.message);
  }

  plan(name: SetName): RolloutPlan | undefined {
    const book = this.#books.get(name);
    return book && this.#planOf(book, name);
  }

  /** Carries out the first step of the plan, or as much of it as is wanted. */
  act(name: SetName, most: number, onUpgrade: OnUpgrade): void {
    const { actions = [], budget } = this.plan(name) ?? {};
    let written = 0;
    for (const action of firstStep(actions)) {
      const set = this.sets.get(name)!;
      if (action.kind === "writeStatus") this.#store(name, { ...set, status: action.status });
      if (action.kind !== "upgradePod" && action.kind !== "flipPod" && action.kind !== "markUpgradable") continue;
      if (++written > most) return;
      if (action.kind === "upgradePod") onUpgrade(this.#seen(podKey(action.pod))!, set, budget!.limit);
      this.#apply(action);
    }
  }

  #apply(action: PodAction): void {
    const key = podKey(action.pod);
    const stored = this.server.get(key);
    if (!stored) return;
    if (action.kind === "markUpgradable") {
      if (action.resourceVersion !== stored.resourceVersion) return;
    } else if (!testsHold(stored, action.operations)) return;
    const written = this.write(
      action.kind === "markUpgradable"
        ? this.#records.marked(stored, action)
        : this.#records.written(stored, action.operations),
    );
    this.#own.note(key, written);
    this.#enter(written);
  }

  #seen(key: string): PodRecord | undefined {
    return this.#own.newest(key, this.#copy.get(key));
  }

  /** Every pod as the controller knows it, its own writes included. */
  *view(): Iterable<PodRecord> {
    for (const [key, pod] of this.#copy) yield this.#own.newest(key, pod) ?? pod;
  }

  /** The book that has lived through everything, and one that is opened now. */
  *books(): Iterable<{ readonly set: SidecarSet; readonly living: object; readonly fresh: object }> {
    const pods = [...this.view()];
    for (const [name, set] of this.sets) {
      const fresh = openBook({ set, pods, namespaces: this.namespaces });
      for (const [key, { until, message }] of this.#deferred.get(name)!) fresh.defer(podNamed(key), until, message);
      yield { set, living: this.#told(this.#books.get(name)!, name), fresh: this.#told(fresh, name) };
    }
  }

  /** All that a book says. Marks and flips have no order among them, upgrades have. */
  #told(book: RolloutBook, name: SetName): object {
    const { actions, ...plan } = this.#planOf(book, name);
    const isUpgrade = ({ kind }: { readonly kind: string }) => kind === "upgradePod";
    return {
      ...plan,
      upgrades: actions.filter(isUpgrade),
      others: actions
        .filter((action) => !isUpgrade(action))
        .map((action) => JSON.stringify(action))
        .sort(),
      counters: book.counters,
      verdicts: book.verdicts(this.now, this.#revisions.get(name)),
    };
  }

  #planOf(book: RolloutBook, name: SetName): RolloutPlan {
    book.stopUpdates(this.stop);
    return book.plan({ revisions: this.#revisions.get(name)!, collisionCount: 0, now: this.now });
  }

  #store(name: SetName, set: SidecarSet): void {
    this.sets.set(name, set);
    this.#books.setChanged(set);
  }

  #enter(pod: PodRecord): void {
    this.#books.podChanged(pod, this.namespaces.get(pod.namespace));
  }

  /** A refusal counts as long as the pod is selected and would be upgraded. */
  #settleDeferrals(): void {
    for (const [name, deferred] of this.#deferred) {
      if (deferred.size === 0) continue;
      const rules = rolloutRules(this.sets.get(name)!);
      for (const key of deferred.keys()) {
        const pod = this.#seen(key);
        const kept =
          pod !== undefined &&
          this.#books.get(name)!.selects(pod, this.namespaces.get(pod.namespace)) &&
          judgePod(podFacts(pod, rules)).settled === undefined;
        if (!kept) deferred.delete(key);
      }
    }
  }

  #newBooks(): RolloutBooks {
    return new RolloutBooks({ pods: () => this.view(), namespaceLabels: () => this.namespaces });
  }

  #newOwnWrites(): OwnWrites<PodRecord> {
    const after = (ms: number, ring: () => void) => {
      const timer = { at: this.now + ms, ring };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      };
    };
    return new OwnWrites<PodRecord>({ clock: { now: () => this.now, after }, onLost: (key) => this.#reread(key) });
  }

  /** A write that the watch does not show: the API server is asked. */
  #reread(key: string): void {
    const pod = this.server.get(key);
    if (!pod) return;
    this.#own.note(key, pod);
    this.#enter(pod);
    this.#settleDeferrals();
  }
}

function podNamed(key: string): PodName {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

/** That of the edition, and older ones of which the pods keep some alive. */
function revisionsOf(set: SidecarSet, { image }: Edition): readonly ControllerRevision[] {
  const latest = revisionOf(set, { revision: 10, collisionCount: 0 });
  const older = Array.from({ length: image }, (_, index) => ({
    ...latest,
    metadata: { ...latest.metadata, name: `${set.name}-r${index}`, uid: `uid-r${index}` },
    data: { index },
    revision: index + 1,
  }));
  return [...older, latest];
}
