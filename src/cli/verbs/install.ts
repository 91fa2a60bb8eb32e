import { Command } from "commander";
import { systemNamespaceOption } from "./options.ts";

/** The manifests. */
export function installVerb(): Command {
  return new Command("install")
    .description("print the manifests that install the manager, for kubectl apply")
    .requiredOption("--image <image>", "where you have pushed the image; none is published")
    .addOption(systemNamespaceOption())
    .addHelpText(
      "after",
      `
Asks no cluster and changes nothing by itself. The chart of deploy/chart has more to choose.

Example:
  $ sidecarset install --image registry.example/sidecarset:0.1.0 | kubectl apply --server-side -f -`,
    )
    .action(async (options) => (await import("../commands/install.ts")).install(options));
}
