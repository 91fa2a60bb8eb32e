import { podsText } from "../../core/rollout/rolloutSummary.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { changeSidecarSet } from "../change/changeSidecarSet.ts";
import { paceText, reachOf, reachText, stoppedAll } from "../change/reach.ts";
import type { PauseOptions } from "./pause.ts";

/** Upgrades go on; with `--injection`, new pods get the sidecars again. */
export function resume(name: string, options: PauseOptions): Promise<void> {
  return changeSidecarSet(name, options, ({ set }) =>
    options.injection ? resumedInjection(set) : resumedUpdates(set, options),
  );
}

function resumedUpdates(set: SidecarSet, options: PauseOptions) {
  if (!set.spec.updateStrategy.paused) return { nothing: "is not paused" };
  const reach = reachOf(set);
  return {
    spec: { updateStrategy: { paused: false } },
    done: "goes on",
    wouldBe: "would go on",
    effects: [`${reachText(set)}; the others follow as its updateStrategy says${paceText(reach)}`],
    warnings: stoppedAll(set, options),
    asks: reach.pods > reach.updated,
    takeBack: ["pause", set.name],
  };
}

function resumedInjection(set: SidecarSet) {
  if (!set.spec.injectionStrategy.paused) return { nothing: "injects new pods already" };
  return {
    spec: { injectionStrategy: { paused: false } },
    done: "injects new pods again",
    wouldBe: "would inject new pods again",
    effects: [
      `${podsText(reachOf(set).pods)} carry it; pods that were created meanwhile get it when they are recreated`,
    ],
    asks: false,
    takeBack: ["pause", set.name, "--injection"],
  };
}
