import type { Clock } from "../cluster/environment.ts";
import type { PlanInput, RolloutAction } from "../core/rollout/rolloutPlan.ts";
import type { RolloutStatus } from "../core/rollout/status.ts";
import { paceAfter, type StatusPace, statusDueAt } from "../core/rollout/statusPace.ts";
import { waveOfNext } from "../core/rollout/wave.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";

interface Kept {
  readonly uid: string;
  /** As it was planned last, whether or not it has been written. */
  readonly status: RolloutStatus;
  /** Pods upgraded since. */
  upgraded: number;
}

/**
 * What the status of each set goes on from, and when it may be written again: a wave costs a few writes and not one per pod, and what
 * happens between two writes is not forgotten. After a restart the stored status takes over.
 */
export class StatusKeeper {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #paces = new Map<string, StatusPace>();
  /** Sets whose status is being written. */
  readonly #underWay = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param set as it is stored now; another one of the same name begins anew */
  course(set: SidecarSet | undefined): Pick<PlanInput, "before" | "upgraded"> {
    const kept = set && this.#kept.get(set.name);
    return kept?.uid === set?.uid && kept ? { before: kept.status, upgraded: kept.upgraded } : {};
  }

  /** As it was planned last. */
  newest(sidecarSet: string): RolloutStatus | undefined {
    return this.#kept.get(sidecarSet)?.status;
  }

  /** Of the rollout, to which a pod belongs that is upgraded now. */
  wave(sidecarSet: string): number | undefined {
    const status = this.newest(sidecarSet);
    return status && waveOfNext(status.rollout, status.budget?.limit);
  }

  planned(set: SidecarSet | undefined, status: RolloutStatus | undefined): void {
    if (set && status) this.#kept.set(set.name, { uid: set.uid, status, upgraded: 0 });
  }

  upgraded(sidecarSet: string): void {
    const kept = this.#kept.get(sidecarSet);
    if (kept) kept.upgraded++;
  }

  writing(sidecarSet: string): void {
    this.#underWay.add(sidecarSet);
  }

  notWritten(sidecarSet: string): void {
    this.#underWay.delete(sidecarSet);
  }

  written(sidecarSet: string): void {
    this.#underWay.delete(sidecarSet);
    this.#paces.set(sidecarSet, paceAfter(this.#paces.get(sidecarSet), this.#clock.now()));
  }

  forget(sidecarSet: string): void {
    this.#kept.delete(sidecarSet);
    this.#paces.delete(sidecarSet);
    this.#underWay.delete(sidecarSet);
  }

  /** The actions without a status that comes too early, and when to come back for that. */
  due(
    sidecarSet: string,
    actions: readonly RolloutAction[],
  ): { readonly actions: readonly RolloutAction[]; readonly postponedMs: number | undefined } {
    const write = actions.find((action) => action.kind === "writeStatus");
    if (!write) return { actions, postponedMs: undefined };
    const now = this.#clock.now();
    const pace = this.#paces.get(sidecarSet);
    const known = this.#underWay.has(sidecarSet) ? paceAfter(pace, now) : pace;
    const waitMs = statusDueAt(known, write.pressing) - now;
    if (waitMs <= 0) return { actions, postponedMs: undefined };
    return { actions: actions.filter((action) => action !== write), postponedMs: waitMs };
  }
}
