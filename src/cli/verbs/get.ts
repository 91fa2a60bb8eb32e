import { Command } from "commander";
import { asciiOption, contextOption, kubeconfigOption, outputOption, systemNamespaceOption } from "./options.ts";

/** How rollouts stand. */
export function getVerb(): Command {
  return new Command("get")
    .description("show how the rollouts stand: all SidecarSets, or one with its pods")
    .argument("[name]", "SidecarSet; left out: all of them")
    .option("-w, --watch", "go on showing it: drawn anew on a terminal, else one line per change")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .addOption(asciiOption())
    .addOption(outputOption("text", "wide", "json", "yaml", "jsonl", "name"))
    .addHelpText(
      "after",
      `
Of all SidecarSets it shows what their statuses say; of one the pods as they are now, by revision, trouble first. Only reads.

Examples:
  $ sidecarset get
  $ sidecarset get log-agent --watch
  $ sidecarset get log-agent -o json
  $ sidecarset get -w -o jsonl`,
    )
    .action(async (name, options) => (await import("../commands/get.ts")).get(name, options));
}
