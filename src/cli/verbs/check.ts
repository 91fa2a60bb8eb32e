import { Command } from "commander";
import {
  asciiOption,
  collectList,
  contextOption,
  kubeconfigOption,
  outputOption,
  systemNamespaceOption,
} from "./options.ts";
import { timeSpan } from "./timeSpan.ts";

/** Whether the installation is as it should be. */
export function checkVerb(): Command {
  return new Command("check")
    .alias("doctor")
    .description("say what is wrong with an installation, each finding with its code and what to do")
    .option("--pre", "before the installation: what is not there yet is no finding")
    .option("--wait <time>", "look again until nothing is found, at most so long, e.g. 2m", timeSpan("--wait"), 0)
    .option(
      "--suppress <checks>",
      "codes or names of findings that are known; comma list, may be repeated",
      collectList,
    )
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .addOption(outputOption("text", "json", "yaml"))
    .addOption(asciiOption())
    .addHelpText(
      "after",
      `
Looks at the API server, the CRD, your rights, OpenKruise beside us, the managers and who leads, the webhook (with a pod that is never
stored), its certificate, and the SidecarSets. Writes nothing. Ends with 3 when anything is found.

Examples:
  $ sidecarset check --pre
  $ sidecarset check --wait 2m
  $ sidecarset check -o json --suppress managerPods,coverage`,
    )
    .action(async (options) => (await import("../commands/check.ts")).check(options));
}
