import { Command } from "commander";
import { filenameOption, outputOption, recursiveOption } from "./options.ts";

/** What is wrong with SidecarSets. */
export function validateVerb(): Command {
  return new Command("validate")
    .description("say what is wrong with SidecarSets, each finding at file:line:column; needs no cluster")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(outputOption("text", "json"))
    .addHelpText(
      "after",
      `
Each SidecarSet is judged as if it were created next to all the others of the files. Warnings are findings too.

Examples:
  $ sidecarset validate -f sidecarset.yaml -f other-sidecarset.yaml
  $ sidecarset validate -R -f manifests/
  $ helm template ./chart | sidecarset validate -f - -o json`,
    )
    .action(async (options) => (await import("../commands/validate.ts")).validate(options));
}
