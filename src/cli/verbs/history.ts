import { Command } from "commander";
import { contextOption, kubeconfigOption, outputOption, systemNamespaceOption } from "./options.ts";

/** The rollouts of the past. */
export function historyVerb(): Command {
  return new Command("history")
    .argument("<name>", "SidecarSet")
    .description("show the rollouts of a SidecarSet: when, by whom, what changed, how it ended")
    .option("--diff <revisions>", "show what differs between two of them, e.g. 6..8; 6 alone: to the newest")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .addOption(outputOption("text", "wide", "json", "yaml"))
    .addHelpText(
      "after",
      `
The last ten rollouts are told from the status of the SidecarSet, older ones as far as their revision is still stored.

Examples:
  $ sidecarset history log-agent
  $ sidecarset history log-agent --diff 6..8
  $ sidecarset history log-agent -o json`,
    )
    .action(async (name, options) => (await import("../commands/history.ts")).history(name, options));
}
