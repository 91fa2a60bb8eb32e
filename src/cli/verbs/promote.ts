import { Command } from "commander";
import { addWriteOptions } from "./options.ts";

/** Let more pods of a rollout go. */
export function promoteVerb(): Command {
  const promote = new Command("promote")
    .argument("<name>", "SidecarSet")
    .description("let more pods of a rollout go: the next step, a share of them, or all")
    .option("--to <pods>", "how many may be updated then: a share such as 75%, or a number of pods")
    .option("--full", "all of them");
  return addWriteOptions(promote)
    .addHelpText(
      "after",
      `
The next step is the first of 10%, 25%, 50%, 75% and 100% updated pods that lets at least one more go. From a canary selector to a share
of all pods it is one patch, which drops the selector and sets the partition: 10% updated are a partition of 90%.

Examples:
  $ sidecarset promote log-agent
  $ sidecarset promote log-agent --to=75%
  $ sidecarset promote log-agent --full --yes`,
    )
    .action(async (name, options) => (await import("../commands/promote.ts")).promote(name, options));
}
