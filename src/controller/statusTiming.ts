import type { Clock } from "../cluster/environment.ts";
import type { RolloutAction } from "../core/rollout/rolloutPlan.ts";

/** Counters of a wave change with every pod; their status is written at most this often. */
const INTERVAL_MS = 250;

/** When the status of each set may be written again, so that a wave costs a few writes and not one per pod. */
export class StatusTiming {
  readonly #clock: Clock;
  readonly #writtenAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  written(sidecarSet: string): void {
    this.#writtenAt.set(sidecarSet, this.#clock.now());
  }

  forget(sidecarSet: string): void {
    this.#writtenAt.delete(sidecarSet);
  }

  /** The actions without a status that comes too early, and when to come back for that. */
  due(
    sidecarSet: string,
    actions: readonly RolloutAction[],
  ): { readonly actions: readonly RolloutAction[]; readonly postponedMs: number | undefined } {
    const last = this.#writtenAt.get(sidecarSet);
    const waitMs = last === undefined ? 0 : last + INTERVAL_MS - this.#clock.now();
    if (waitMs <= 0 || !actions.some(isStatus)) return { actions, postponedMs: undefined };
    return { actions: actions.filter((action) => !isStatus(action)), postponedMs: waitMs };
  }
}

function isStatus({ kind }: RolloutAction): boolean {
  return kind === "writeStatus";
}
