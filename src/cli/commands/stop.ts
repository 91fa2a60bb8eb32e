import type { SwitchName } from "../../core/sidecarSet/stopSwitches.ts";
import { stopPatch } from "../../core/sidecarSet/switchPatch.ts";
import { changeSwitches, type SwitchOptions } from "../change/changeSwitches.ts";
import { SWITCH_WORDS } from "../change/switchWords.ts";

interface StopOptions extends SwitchOptions {
  readonly reason: string;
}

/** The cluster-wide switch: updates, injection or the registration, whatever the SidecarSets say. */
export function stop(names: readonly SwitchName[], options: StopOptions): Promise<void> {
  return changeSwitches(options, (present, reach) => ({
    patch: stopPatch(present, names, { reason: options.reason, time: wholeSeconds(new Date()) }),
    state: `${names.map((name) => SWITCH_WORDS[name].what).join(" and ")} ${names.length === 1 && names[0] !== "updates" ? "is" : "are"} stopped for the whole cluster`,
    effects: names.map((name) => SWITCH_WORDS[name].stopped(reach)),
    // To stop updates is the safe side, and may be urgent.
    asks: names.some((name) => name !== "updates"),
    takeBack: ["start", ...names],
  }));
}

function wholeSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
