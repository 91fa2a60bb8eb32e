import { Command } from "commander";
import { VERSION } from "../version.ts";
import { outputOption } from "./options.ts";

/** The version. */
export function versionVerb(): Command {
  return new Command("version")
    .description("print the version")
    .addOption(outputOption("text", "json"))
    .action((options: { output: string }) => {
      console.log(
        options.output === "json"
          ? JSON.stringify({ version: VERSION, node: process.version })
          : `sidecarset ${VERSION}`,
      );
    });
}
