import { Command, Option } from "commander";
import { NODE_NAMESPACES } from "../../core/injection/injectionRules.ts";
import { wholeNumber } from "../simulation/flags.ts";
import { contextOption, kubeconfigOption, outputOption, systemNamespaceOption } from "./options.ts";

/** Moving over from OpenKruise, and back. */
export function migrateVerb(): Command {
  return new Command("migrate")
    .description("move a cluster over from OpenKruise, or back, without restarting a pod")
    .option("--check", "say what runs there, what uses it, and what would change; writes nothing")
    .option("--take-over", "end OpenKruise's manager and let ours, which waits, begin")
    .option("--give-back", "rewrite SidecarSets for OpenKruise, end our manager and start OpenKruise's again")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .option(
      "--excluded-namespaces <names>",
      "as our manager has it: their pods get no sidecars; comma list",
      NODE_NAMESPACES.join(","),
    )
    .option("--stop-other-kinds", "take over although CloneSets and the like are in use, which stand still then")
    .option("-y, --yes", "do not ask")
    .addOption(
      new Option("--dry-run <how>", "server: ask the API server and its admission, store nothing")
        .choices(["server", "none"])
        .default("none"),
    )
    .addOption(
      new Option("--timeout <seconds>", "how long each step is waited for")
        .argParser(wholeNumber("--timeout", 1))
        .default(120),
    )
    .addOption(outputOption("text", "json"))
    .addHelpText(
      "after",
      `
--check ends with 0 when nothing is in the way, with 3 when something changes for somebody, with 4 when it would be refused.
Taking over and giving back can be run again after an interruption; ConfigMap sidecarset-openkruise keeps what is to be restored.

Examples:
  $ sidecarset migrate --check
  $ sidecarset migrate --take-over --dry-run=server
  $ sidecarset migrate --take-over
  $ sidecarset migrate --give-back`,
    )
    .action(async (options) => (await import("../commands/migrate.ts")).migrate(options));
}
