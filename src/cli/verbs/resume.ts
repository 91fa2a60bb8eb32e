import { Command } from "commander";
import { addWriteOptions } from "./options.ts";

/** What `pause` stopped goes on. */
export function resumeVerb(): Command {
  const resume = new Command("resume")
    .argument("<name>", "SidecarSet")
    .description("go on upgrading pods of a SidecarSet, or injecting new ones")
    .option("--injection", "resume injection instead");
  return addWriteOptions(resume)
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset resume log-agent
  $ sidecarset resume log-agent --yes
  $ sidecarset resume log-agent --injection`,
    )
    .action(async (name, options) => (await import("../commands/resume.ts")).resume(name, options));
}
