import { Command } from "commander";
import { addWriteOptions, systemNamespaceOption } from "./options.ts";

/** An earlier template again. */
export function undoVerb(): Command {
  const undo = new Command("undo")
    .argument("<name>", "SidecarSet")
    .description("give a SidecarSet the containers and volumes of an earlier revision again")
    .option("--to-revision <revision>", "its number or name; left out: the last one with another template")
    .addOption(systemNamespaceOption());
  return addWriteOptions(undo)
    .addHelpText(
      "after",
      `
Only the template goes back: selectors and strategies stay, so that partition, pause and budget hold for the way back too. It is refused
when somebody else changed the SidecarSet meanwhile.

Examples:
  $ sidecarset undo log-agent
  $ sidecarset undo log-agent --to-revision 3 --dry-run=server
  $ kubectl get controllerrevisions -n kruise-system -l kruise.io/sidecarset-name=log-agent`,
    )
    .action(async (name, options) => (await import("../commands/undo.ts")).undo(name, options));
}
