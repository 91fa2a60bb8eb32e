import { type PodName, podKey } from "../core/pod/podRecord.ts";
import type { RolloutStatus } from "../core/rollout/status.ts";
import type { SidecarSetStatus } from "../core/sidecarSet/sidecarSet.ts";
import type { PodResult, RolloutEnded, RolloutEvent, RolloutId, RolloutResult } from "./rolloutEvent.ts";

export interface PlannedCourse {
  readonly stored: SidecarSetStatus;
  readonly status: RolloutStatus;
  readonly isDone: (pod: PodName) => boolean;
  readonly now: number;
}

interface OpenRollout {
  readonly id: RolloutId;
  readonly startedAt: number;
  /** Of the phases that are over. */
  pausedMs: number;
  isPaused: boolean;
  phaseSince: number;
  pods: number;
}

/** A pod that was written and is not ready yet. */
interface Upgrade {
  readonly pod: PodName;
  readonly beganAt: number;
  /** Of its last event. */
  seenAt: number;
  /** Known with the first plan after the write. */
  place: { readonly rollout: RolloutId; readonly wave: number } | undefined;
}

const PAUSED: ReadonlySet<string> = new Set(["Paused", "Held", "NotUpdate"]);

/** The course of one set's rollouts; see {@link RolloutCourse}. */
export class CourseOfSet {
  readonly #sidecarSet: string;
  readonly #tell: (event: RolloutEvent) => void;
  #rollout: OpenRollout | undefined;
  readonly #upgrades = new Map<string, Upgrade>();
  /** Keys of pods that have been written, and seen, since the last plan. */
  readonly #fresh = new Set<string>();
  readonly #seen = new Set<string>();
  /** Waves that are not over, with the number of their pods that are not ready. */
  readonly #waves = new Map<number, number>();

  constructor(sidecarSet: string, tell: (event: RolloutEvent) => void) {
    this.#sidecarSet = sidecarSet;
    this.#tell = tell;
  }

  upgraded(pod: PodName, now: number): void {
    const key = podKey(pod);
    this.#finish(key, "unfinished", now);
    this.#upgrades.set(key, { pod, beganAt: now, seenAt: now, place: undefined });
    this.#fresh.add(key);
  }

  seen(key: string, now: number): void {
    const upgrade = this.#upgrades.get(key);
    if (!upgrade) return;
    upgrade.seenAt = now;
    this.#seen.add(key);
  }

  gone(key: string, now: number): void {
    this.#finish(key, "gone", now);
  }

  /** In the order in which things have happened: an old rollout ends before the next begins, pods before their wave and their rollout. */
  planned(course: PlannedCourse): void {
    this.#endSuperseded(course);
    this.#begin(course);
    this.#follow(course);
    this.#placeFresh(course);
    this.#finishReady(course);
    this.#endWaves(course);
    if (course.status.history[0]?.result === "Promoted") this.end("Promoted", course.now);
  }

  end(result: RolloutResult, now: number): void {
    const rollout = this.#rollout;
    // What goes on without a rollout, for a pod that came late, is not ended by one.
    if (!rollout && result === "Promoted") return;
    for (const key of [...this.#upgrades.keys()]) this.#finish(key, "unfinished", now);
    if (rollout) this.#closeWaves(rollout.id, now);
    if (rollout) this.#tell(ended(rollout, result, now));
    this.#rollout = undefined;
  }

  /** Undefined: no rollout is under way. */
  progressMs(now: number): number | undefined {
    return this.#rollout && now - this.#rollout.startedAt - pausedMs(this.#rollout, now);
  }

  /** What the history tells of a rollout that is not the newest any more. */
  #endSuperseded({ status: { history }, now }: PlannedCourse): void {
    const revision = this.#rollout?.id.revision;
    if (revision === undefined || history[0]?.revision === revision) return;
    const past = history.find((one) => one.revision === revision);
    this.end(past?.result === "RolledBack" ? "RolledBack" : "Superseded", now);
  }

  #begin({ stored, status, now }: PlannedCourse): void {
    const [newest] = status.history;
    if (this.#rollout || newest?.result !== "Progressing") return;
    const id = { sidecarSet: this.#sidecarSet, revision: newest.revision };
    const resumed = stored.history?.[0]?.revision === newest.revision;
    const startedAt = resumed ? timeOf(newest.startedAt, now) : now;
    const phaseSince = resumed ? timeOf(status.rollout.since, now) : now;
    const pods = status.matchedPods;
    this.#rollout = { id, startedAt, pausedMs: 0, isPaused: isPaused(status), phaseSince, pods };
    this.#tell({ kind: "rolloutBegan", rollout: id, at: startedAt, resumed });
  }

  #follow({ status, now }: PlannedCourse): void {
    const rollout = this.#rollout;
    if (!rollout) return;
    rollout.pods = status.matchedPods;
    if (rollout.isPaused === isPaused(status)) return;
    Object.assign(rollout, { pausedMs: pausedMs(rollout, now), isPaused: isPaused(status), phaseSince: now });
  }

  /** A status counts the pods that were written before it in its wave. */
  #placeFresh({ status: { rollout, latestRevision } }: PlannedCourse): void {
    const id = this.#rollout?.id ?? { sidecarSet: this.#sidecarSet, revision: latestRevision };
    const place = { rollout: id, wave: rollout.wave };
    for (const key of this.#fresh) {
      const upgrade = this.#upgrades.get(key)!;
      upgrade.place = place;
      this.#countInWave(place, upgrade.beganAt);
      this.#tell({ kind: "podBegan", ...place, pod: key, at: upgrade.beganAt });
    }
    this.#fresh.clear();
  }

  #countInWave({ rollout, wave }: NonNullable<Upgrade["place"]>, at: number): void {
    const open = this.#waves.get(wave);
    if (open === undefined) this.#tell({ kind: "waveBegan", rollout, wave, at });
    this.#waves.set(wave, (open ?? 0) + 1);
  }

  /** Where nothing restarts any more, also those whose readiness became believable without an event. */
  #finishReady({ status: { rollout }, isDone }: PlannedCourse): void {
    const looked = rollout.started === 0 ? [...this.#upgrades.keys()] : [...this.#seen];
    this.#seen.clear();
    for (const key of looked) {
      const upgrade = this.#upgrades.get(key);
      if (upgrade && isDone(upgrade.pod)) this.#finish(key, "ready", upgrade.seenAt);
    }
  }

  /** A wave is over when the next one has begun, or nothing restarts any more, and its last pod is ready. */
  #endWaves({ status: { rollout, latestRevision }, now }: PlannedCourse): void {
    const id = this.#rollout?.id ?? { sidecarSet: this.#sidecarSet, revision: latestRevision };
    for (const [wave, unfinished] of this.#waves) {
      if (unfinished > 0 || (wave === rollout.wave && rollout.started > 0)) continue;
      this.#waves.delete(wave);
      this.#tell({ kind: "waveEnded", rollout: id, wave, at: now });
    }
  }

  #closeWaves(rollout: RolloutId, at: number): void {
    for (const wave of this.#waves.keys()) this.#tell({ kind: "waveEnded", rollout, wave, at });
    this.#waves.clear();
  }

  #finish(pod: string, result: PodResult, at: number): void {
    const upgrade = this.#upgrades.get(pod);
    this.#upgrades.delete(pod);
    this.#fresh.delete(pod);
    if (!upgrade?.place) return;
    const { place, beganAt } = upgrade;
    const open = this.#waves.get(place.wave);
    if (open !== undefined) this.#waves.set(place.wave, open - 1);
    this.#tell({ kind: "podEnded", ...place, pod, beganAt, at, result });
  }
}

function ended(rollout: OpenRollout, result: RolloutResult, now: number): RolloutEnded {
  const { id, startedAt, pods } = rollout;
  return { kind: "rolloutEnded", rollout: id, result, startedAt, at: now, pausedMs: pausedMs(rollout, now), pods };
}

function pausedMs(rollout: OpenRollout, now: number): number {
  return rollout.pausedMs + (rollout.isPaused ? now - rollout.phaseSince : 0);
}

function isPaused({ rollout }: RolloutStatus): boolean {
  return PAUSED.has(rollout.phase);
}

function timeOf(text: string, otherwise: number): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? otherwise : time;
}
