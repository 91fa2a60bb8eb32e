import { Command, InvalidArgumentError, Option } from "commander";
import { contextOption, kubeconfigOption, outputOption } from "./options.ts";

/** For scripts: wait for a rollout. */
export function statusVerb(): Command {
  return new Command("status")
    .description("wait for a rollout, one line per change; the exit code says how it ended")
    .argument("<name>", "SidecarSet")
    .addOption(
      new Option("--watch [whether]", "false: look once").choices(["true", "false"]).preset("true").default("true"),
    )
    .addOption(
      new Option("--until <goal>", "step: all that the strategy lets go is updated and ready; done: every pod")
        .choices(["step", "done"])
        .default("step"),
    )
    .addOption(new Option("--timeout <time>", "give up after so long, e.g. 90s, 10m or 1h").argParser(duration))
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(outputOption("text", "json", "yaml", "name"))
    .addHelpText(
      "after",
      `
Ends with 0 when the rollout is there, with 4 when it is blocked, with 5 when it was not there in time (--watch=false: not yet).

Examples:
  $ sidecarset status log-agent --timeout 10m
  $ sidecarset status log-agent --until=done --timeout 1h
  $ sidecarset status log-agent --watch=false -o json`,
    )
    .action(async (name, options) => (await import("../commands/status.ts")).status(name, options));
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** @returns milliseconds */
function duration(text: string): number {
  const [, number, unit = "s"] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("a time such as 90s, 10m or 1h is expected.");
  return Number(number) * UNITS[unit]!;
}
