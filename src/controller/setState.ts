import type { RolloutStatus } from "../core/rollout/status.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";

/** What is known of one set. */
export interface SetState {
  readonly set: SidecarSet;
  /** As it was computed last; undefined before the first plan. */
  readonly status: RolloutStatus | undefined;
}
