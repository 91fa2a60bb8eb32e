import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { type PodRecord, podKey } from "../pod/podRecord.ts";
import { unreachable } from "../result.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { PlayedRecords } from "./playedRecords.ts";
import { withRevisionAction } from "./playedRevisions.ts";
import type { Playback, PlayedRequests, PlayedUpgrade, PlayInput } from "./playForward.ts";
import { podFacts } from "./podFacts.ts";
import { RolloutBook } from "./rolloutBook.ts";
import { firstStep, type PodAction, type RolloutAction } from "./rolloutPlan.ts";
import { isSelected, type RolloutRules, rolloutRules } from "./rolloutRules.ts";
import type { PodCounters } from "./status.ts";
import { paceAfter, type StatusPace, statusDueAt } from "./statusPace.ts";
import { VirtualEvents } from "./virtualEvents.ts";

/** So many times the book may ask to be looked at again without anything coming of it. */
const IDLE_WAKES = 3;
const PROGRESS_EVERY = 1000;

type Growing<T> = { -readonly [field in keyof T]: T[field] };

/** A pod as it is now. */
interface Played {
  readonly key: string;
  pod: PodRecord;
}

interface Landing {
  readonly played: Played;
  readonly containers: readonly string[];
  readonly comesUp: boolean;
  /** When the image was written. */
  readonly since: number;
  readonly upgrade: Growing<PlayedUpgrade> | undefined;
}

type UpgradePod = Extract<PodAction, { kind: "upgradePod" }>;

/** The running play behind `playForward`. Everything in it is changed in place: a million pods pass through. */
export class Play {
  readonly #input: PlayInput;
  readonly #rules: RolloutRules;
  readonly #book: RolloutBook;
  readonly #pods = new Map<string, Played>();
  readonly #records = new PlayedRecords();
  readonly #events = new VirtualEvents<Landing>();
  readonly #upgrades: Growing<PlayedUpgrade>[] = [];
  /** Of hot pairs, which are ready only after their second write. */
  readonly #halfWay = new Map<string, Growing<PlayedUpgrade>>();
  /** By the labels, which alone decide, and which pods of one group have in common. */
  readonly #groupNames = new WeakMap<Labels, string>();
  readonly #requests: Growing<PlayedRequests> = { upgrades: 0, flips: 0, marks: 0, statuses: 0, revisions: 0 };
  readonly #before: PodCounters;
  readonly #groups: Playback["groups"];
  readonly #unavailable: Growing<Playback["unavailable"]>;
  #set: SidecarSet;
  #revisions: readonly ControllerRevision[];
  #now: number;
  #movedAt: number;
  #statusPace: StatusPace | undefined;

  constructor(input: PlayInput) {
    this.#input = input;
    this.#set = input.set;
    this.#revisions = [...input.revisions];
    this.#now = input.start;
    this.#movedAt = input.start;
    this.#rules = rolloutRules(input.set);
    for (const pod of input.pods) {
      if (!isSelected(this.#rules, pod, input.namespaces.get(pod.namespace))) continue;
      const key = podKey(pod);
      this.#pods.set(key, { key, pod });
    }
    this.#book = RolloutBook.open(
      this.#rules,
      [...this.#pods.values()].map(({ pod }) => pod),
    );
    // The book believes what it may believe at the start.
    const { budget } = this.#book.plan({ revisions: this.#revisions, collisionCount: 0, now: this.#now });
    this.#before = this.#book.counters;
    const before = this.#before.matched - this.#before.ready;
    this.#unavailable = { before, most: before, mostUpdated: 0, limit: budget?.limit };
    this.#groups = this.#countGroups();
  }

  run(): void {
    let idle = 0;
    let wakeAt = this.#act();
    for (;;) {
      const landsAt = this.#events.next;
      if (landsAt === undefined && (wakeAt === undefined || idle >= IDLE_WAKES)) return;
      const moved = this.#movedAt;
      const counted = this.#book.counters.ready;
      this.#now = Math.max(
        this.#now,
        Math.min(landsAt ?? Number.POSITIVE_INFINITY, wakeAt ?? Number.POSITIVE_INFINITY),
      );
      for (const landing of this.#events.take(this.#now)) this.#land(landing);
      this.#look();
      wakeAt = this.#act();
      idle = moved === this.#movedAt && counted === this.#book.counters.ready ? idle + 1 : 0;
    }
  }

  playback(): Playback {
    return {
      upgrades: this.#upgrades,
      before: this.#before,
      after: this.#book.counters,
      durationMs: this.#movedAt - this.#input.start,
      unavailable: this.#unavailable,
      requests: this.#requests,
      verdicts: this.#book.verdicts(this.#now, this.#revisions),
      groups: this.#groups,
    };
  }

  /** Plans and acts until there is nothing more to do now; returns when to come back although nothing happens. */
  #act(): number | undefined {
    for (;;) {
      const { actions: planned, wakeAfterMs } = this.#book.plan({
        revisions: this.#revisions,
        collisionCount: this.#set.status.collisionCount ?? 0,
        now: this.#now,
      });
      const actions = firstStep(planned);
      const statusDueAt = this.#statusDueAt(actions);
      const isStatusDue = statusDueAt <= this.#now;
      const due = isStatusDue ? actions : actions.filter(({ kind }) => kind !== "writeStatus");
      const inFlight = this.#inFlight();
      for (const action of due) this.#apply(action);
      this.#look();
      if (!this.#settles(due, inFlight)) continue;
      const wakeAt = wakeAfterMs === undefined ? Number.POSITIVE_INFINITY : this.#now + Math.max(1, wakeAfterMs);
      const hasNews = due.length < actions.length || due.some(({ kind }) => kind !== "writeStatus");
      const next = hasNews
        ? Math.min(wakeAt, Math.max(isStatusDue ? this.#statusDueAt() : statusDueAt, this.#now + 1))
        : wakeAt;
      return Number.isFinite(next) ? next : undefined;
    }
  }

  /** Whether another plan for this moment would hold no more than a status: the wave took what the budget gave, and all of it holds it. */
  #settles(due: readonly RolloutAction[], inFlightBefore: number): boolean {
    const upgrades = due.filter((action) => action.kind === "upgradePod" && action.wasReady).length;
    const statuses = due.filter(({ kind }) => kind === "writeStatus").length;
    return upgrades + statuses === due.length && this.#inFlight() === inFlightBefore + upgrades;
  }

  /** When the status among the actions may be written; without one, when it may be at the earliest. */
  #statusDueAt(actions: readonly RolloutAction[] = []): number {
    const write = actions.find((action) => action.kind === "writeStatus");
    return statusDueAt(this.#statusPace, write?.pressing ?? true);
  }

  #apply(action: RolloutAction): void {
    switch (action.kind) {
      case "recordRevision":
      case "reorderRevision":
      case "labelRevision":
      case "pruneRevision":
        this.#requests.revisions++;
        this.#revisions = withRevisionAction(this.#revisions, action, this.#now);
        return;
      case "writeStatus":
        this.#requests.statuses++;
        this.#statusPace = paceAfter(this.#statusPace, this.#now);
        this.#set = { ...this.#set, status: action.status };
        this.#book.follow(this.#set);
        return;
      case "markUpgradable": {
        this.#requests.marks++;
        const played = this.#pods.get(podKey(action.pod))!;
        this.#put(played, this.#records.marked(played.pod, action));
        return;
      }
      case "upgradePod":
        this.#requests.upgrades++;
        this.#upgradePod(action);
        return;
      case "flipPod": {
        this.#requests.flips++;
        const played = this.#pods.get(podKey(action.pod))!;
        this.#write(played, action, this.#halfWay.get(played.key));
        return;
      }
      default:
        unreachable(action);
    }
  }

  #upgradePod(action: UpgradePod): void {
    const played = this.#pods.get(podKey(action.pod))!;
    const { key, pod } = played;
    const upgrade: Growing<PlayedUpgrade> = {
      pod: key,
      group: this.#groupOf(pod),
      at: this.#now,
      readyAt: undefined,
      wasReady: action.wasReady,
      inFlight: 0,
    };
    this.#upgrades.push(upgrade);
    if (this.#rules.sidecars.some(({ hot }) => hot)) this.#halfWay.set(key, upgrade);
    this.#write(played, action, upgrade);
    upgrade.inFlight = this.#inFlight();
    if (this.#upgrades.length % PROGRESS_EVERY === 0) {
      this.#input.onProgress?.({ upgraded: this.#upgrades.length, now: this.#now });
    }
  }

  #write(
    played: Played,
    { changes, operations }: Pick<UpgradePod, "changes" | "operations">,
    upgrade: Growing<PlayedUpgrade> | undefined,
  ): void {
    const written = this.#records.written(played.pod, operations);
    this.#put(played, written);
    this.#movedAt = this.#now;
    const containers = changes.filter(({ from, to }) => from !== to).map(({ container }) => container);
    // A pod that is on no node yet starts with the new image some time; until then nothing restarts.
    if (written.nodeName === "") return;
    if (containers.length === 0) {
      if (upgrade && written.ready) upgrade.readyAt = this.#now;
      return;
    }
    const { afterMs, comesUp } = this.#input.restart(written);
    this.#events.add(this.#now + afterMs, { played, containers, comesUp, since: this.#now, upgrade });
  }

  #land({ played, containers, comesUp, since, upgrade }: Landing): void {
    const restarted = this.#records.restarted(played.pod, { containers, comesUp, since, now: this.#now });
    this.#put(played, restarted);
    this.#movedAt = this.#now;
    if (upgrade && restarted.ready) upgrade.readyAt = this.#now;
  }

  #put(played: Played, pod: PodRecord): void {
    played.pod = pod;
    this.#book.put(pod);
  }

  #look(): void {
    const { matched, ready } = this.#book.counters;
    this.#unavailable.most = Math.max(this.#unavailable.most, matched - ready);
    this.#unavailable.mostUpdated = Math.max(this.#unavailable.mostUpdated, this.#inFlight());
  }

  #inFlight(): number {
    const { updated, updatedReady } = this.#book.counters;
    return updated - updatedReady;
  }

  #groupOf(pod: PodRecord): string {
    const known = this.#groupNames.get(pod.labels);
    if (known !== undefined) return known;
    const name = this.#rules.groupOf ? JSON.stringify(this.#rules.groupOf(pod)) : "";
    this.#groupNames.set(pod.labels, name);
    return name;
  }

  #countGroups(): Playback["groups"] {
    const groups = new Map<string, { pods: number; updated: number }>();
    if (!this.#rules.groupOf) return groups;
    for (const { pod } of this.#pods.values()) {
      const { counts, updated } = podFacts(pod, this.#rules);
      if (!counts) continue;
      const name = this.#groupOf(pod);
      const group = groups.get(name) ?? { pods: 0, updated: 0 };
      group.pods++;
      if (updated) group.updated++;
      groups.set(name, group);
    }
    return groups;
  }
}
