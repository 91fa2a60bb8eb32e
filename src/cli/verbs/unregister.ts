import { Command } from "commander";
import { contextOption, kubeconfigOption, systemNamespaceOption } from "./options.ts";

/** Break-glass: no webhook. */
export function unregisterVerb(): Command {
  return new Command("unregister")
    .description("break-glass: remove the webhook from the cluster at once and keep it away")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .option("--reason <text>", "why, for those who find it so", "break-glass")
    .addHelpText(
      "after",
      `
Works with and without a running manager. New pods get no sidecars until the registration is switched back, which the output tells how.

Example:
  $ sidecarset unregister --reason "incident 7"`,
    )
    .action(async (options) => (await import("../commands/unregister.ts")).unregister(options));
}
