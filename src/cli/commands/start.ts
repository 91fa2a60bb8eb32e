import { SWITCHES, type SwitchName } from "../../core/sidecarSet/stopSwitches.ts";
import { startPatch } from "../../core/sidecarSet/switchPatch.ts";
import { changeSwitches, type SwitchOptions } from "../change/changeSwitches.ts";
import { SWITCH_WORDS } from "../change/switchWords.ts";

/** What `stop` stopped goes on; without a name everything does. */
export function start(wanted: readonly SwitchName[], options: SwitchOptions): Promise<void> {
  const names = wanted.length === 0 ? SWITCHES : wanted;
  return changeSwitches(options, (present, reach) => {
    const stopped = names.filter((name) => present[name] !== undefined);
    const told = stopped.length === 0 ? names : stopped;
    return {
      patch: startPatch(present, names),
      state: `${told.map((name) => SWITCH_WORDS[name].what).join(", ")}: running`,
      effects: stopped.map((name) => SWITCH_WORDS[name].running(reach)),
      asks: true,
      takeBack: ["stop", ...stopped],
    };
  });
}
