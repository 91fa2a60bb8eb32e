import { Command } from "commander";
import { contextOption, kubeconfigOption, outputOption, systemNamespaceOption } from "./options.ts";

/** The versions of client and server. */
export function versionVerb(): Command {
  return new Command("version")
    .description("print the versions of this program, the managers and the API server")
    .option("--client", "this program only; asks no cluster")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .addOption(outputOption("text", "json", "yaml"))
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset version
  $ sidecarset version --client -o json`,
    )
    .action(async (options) => (await import("../commands/version.ts")).version(options));
}
