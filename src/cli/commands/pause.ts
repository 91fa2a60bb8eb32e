import { podsText } from "../../core/rollout/rolloutSummary.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { changeSidecarSet, type WriteOptions } from "../change/changeSidecarSet.ts";
import { reachOf, reachText } from "../change/reach.ts";

export interface PauseOptions extends WriteOptions {
  readonly injection?: boolean;
}

/** No further pod is upgraded; with `--injection`, no new pod gets the sidecars. */
export function pause(name: string, options: PauseOptions): Promise<void> {
  return changeSidecarSet(name, options, ({ set }) => (options.injection ? pausedInjection(set) : pausedUpdates(set)));
}

function pausedUpdates(set: SidecarSet) {
  if (set.spec.updateStrategy.paused) return { nothing: "is paused already" };
  const { unfinished } = reachOf(set);
  return {
    spec: { updateStrategy: { paused: true } },
    done: "is paused",
    wouldBe: "would be paused",
    effects: [
      `${reachText(set)}; pods that are created still get it`,
      ...(unfinished > 0 ? [`note: ${podsText(unfinished)} in the middle of a restart will finish`] : []),
    ],
    asks: false,
    takeBack: ["resume", set.name],
  };
}

function pausedInjection(set: SidecarSet) {
  if (set.spec.injectionStrategy.paused) return { nothing: "does not inject at present already" };
  return {
    spec: { injectionStrategy: { paused: true } },
    done: "injects no new pods any more",
    wouldBe: "would inject no new pods any more",
    effects: [
      `${podsText(reachOf(set).pods)} carry it and go on being updated`,
      "note: pods that are created meanwhile stay without it until they are recreated",
    ],
    asks: true,
    takeBack: ["resume", set.name, "--injection"],
  };
}
