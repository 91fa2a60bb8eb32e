import { Command } from "commander";
import { addWriteOptions } from "./options.ts";

/** Upgrade no further pod. */
export function pauseVerb(): Command {
  const pause = new Command("pause")
    .argument("<name>", "SidecarSet")
    .description("upgrade no further pod of a SidecarSet, or inject no new one")
    .option("--injection", "pause injection instead: new pods start without the sidecars");
  return addWriteOptions(pause)
    .addHelpText(
      "after",
      `
Pods that are created still get the newest revision. The pods that restart at the moment finish.

Examples:
  $ sidecarset pause log-agent
  $ sidecarset pause log-agent --injection --dry-run=server
  $ sidecarset pause log-agent --print-patch -o yaml`,
    )
    .action(async (name, options) => (await import("../commands/pause.ts")).pause(name, options));
}
