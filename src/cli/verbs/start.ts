import { Argument, Command } from "commander";
import { SWITCHES } from "../../core/sidecarSet/stopSwitches.ts";
import { addWriteOptions, systemNamespaceOption } from "./options.ts";

/** What `stop` stopped goes on. */
export function startVerb(): Command {
  const start = new Command("start")
    .addArgument(new Argument("[what...]", "what goes on; left out: all that is stopped").choices(SWITCHES))
    .description("let go on what was stopped for the whole cluster")
    .addOption(systemNamespaceOption());
  return addWriteOptions(start)
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset start
  $ sidecarset start updates --yes`,
    )
    .action(async (what, options) => (await import("../commands/start.ts")).start(what, options));
}
