import { Command, Option } from "commander";
import { filenameOption, outputOption, recursiveOption } from "./options.ts";

/** The other API version. */
export function convertVerb(): Command {
  return new Command("convert")
    .description("write SidecarSets in the other API version; needs no cluster")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .addOption(
      new Option("--to <version>", "API version to write").choices(["v1alpha1", "v1beta1"]).makeOptionMandatory(),
    )
    .addOption(outputOption("yaml", "json"))
    .addHelpText(
      "after",
      `
Other kinds come out as they went in. A warning names every field that the version has no place for.

Examples:
  $ sidecarset convert -f sidecarset.yaml --to v1beta1
  $ sidecarset convert -f manifests/ --to v1beta1
  $ kubectl get sidecarsets -o yaml | sidecarset convert -f - --to v1beta1`,
    )
    .action(async (options) => (await import("../commands/convert.ts")).convert(options));
}
