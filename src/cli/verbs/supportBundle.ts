import { Command } from "commander";
import { contextOption, kubeconfigOption, systemNamespaceOption } from "./options.ts";

/** What somebody needs who is to help. */
export function supportBundleVerb(): Command {
  return new Command("support-bundle")
    .description("pack what tells how an installation stands, without secrets, for somebody who is to help")
    .option("--file <file>", "where it is written, - for standard output; left out: sidecarset-support-TIME.tar.gz")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .addHelpText(
      "after",
      `
Holds SidecarSets, revisions, namespaces, events, the webhook's registration, what check finds, the managers' logs, and of pods with
sidecars their metadata, status and images. Never reads Secrets; values of variables, of foreign annotations, of what looks secret in
arguments, and certificates are replaced. What you may not read is left out and told.

Examples:
  $ sidecarset support-bundle
  $ sidecarset support-bundle --file - | tar tzf -`,
    )
    .action(async (options) => (await import("../commands/supportBundle.ts")).supportBundle(options));
}
