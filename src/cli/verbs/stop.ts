import { Argument, Command } from "commander";
import { SWITCHES } from "../../core/sidecarSet/stopSwitches.ts";
import { addWriteOptions, systemNamespaceOption } from "./options.ts";

/** Stop what we do to pods, for the whole cluster. */
export function stopVerb(): Command {
  const stop = new Command("stop")
    .addArgument(new Argument("[what...]", "what is stopped").choices(SWITCHES).default(["updates"], "updates"))
    .description("stop updates, injection or the webhook's registration for the whole cluster")
    .option("--reason <text>", "why, for those who find it so; stands in verdicts and warnings", "")
    .addOption(systemNamespaceOption());
  return addWriteOptions(stop)
    .addHelpText(
      "after",
      `
Works at once, also on a wave that is under way, whatever the SidecarSets say; pods that restart finish. To be rid of a webhook that
refuses pods, with or without a manager: sidecarset unregister.

Examples:
  $ sidecarset stop --reason "registry is down"
  $ sidecarset stop updates injection --reason "incident 7"
  $ sidecarset start`,
    )
    .action(async (what, options) => (await import("../commands/stop.ts")).stop(what, options));
}
