import { podsText } from "../../core/rollout/rolloutSummary.ts";
import type { SwitchName } from "../../core/sidecarSet/stopSwitches.ts";

/** What the switches reach, by the status of the SidecarSets. */
export interface SwitchReach {
  readonly sidecarSets: number;
  readonly pods: number;
  /** Pods that are not updated yet. */
  readonly open: number;
}

/** Each switch in words: stopped and running, and what that means for pods. */
export const SWITCH_WORDS: Readonly<
  Record<
    SwitchName,
    {
      readonly what: string;
      readonly stopped: (reach: SwitchReach) => string;
      readonly running: (reach: SwitchReach) => string;
    }
  >
> = {
  updates: {
    what: "all updates in place",
    stopped: ({ open, sidecarSets }) =>
      `updates: no pod is upgraded any more; ${podsText(open)} of ${setsText(sidecarSets)} wait as they are`,
    running: ({ open, sidecarSets }) =>
      `updates: rollouts go on, each as its updateStrategy says; ${podsText(open)} of ${setsText(sidecarSets)} are not updated yet`,
  },
  injection: {
    what: "injection",
    stopped: ({ sidecarSets }) =>
      `injection: pods that ${setsText(sidecarSets)} select start without sidecars, and their creators are warned`,
    running: () =>
      "injection: new pods get sidecars; those that were created meanwhile stay without until they are recreated",
  },
  registration: {
    what: "the registration of the webhook",
    stopped: () =>
      "registration: a running manager removes the webhook: new pods get no sidecars, SidecarSets are not judged; without one: unregister",
    running: () => "registration: a running manager registers the webhook again",
  },
};

function setsText(count: number): string {
  return count === 1 ? "1 SidecarSet" : `${count} SidecarSets`;
}
