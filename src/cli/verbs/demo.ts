import { Command, Option } from "commander";
import { SCENARIO_NAMES } from "../demo/scenarios/scenarioNames.ts";
import { CommandError, EXIT } from "../exitCode.ts";

/** The main story on an embedded cluster. */
export function demoVerb(): Command {
  return new Command("demo")
    .description("play the main story live on an embedded cluster: inject, gray release, the rest")
    .addOption(new Option("--scenario <name>", "a lesson in place of the main story").choices(SCENARIO_NAMES))
    .option("--speed <factor>", "how many times as fast containers start and stop, e.g. 20x", parseSpeed, 1)
    .option("--exit", "end when the story is over; the default when standard output is not a terminal")
    .option("--port <port>", "port of the embedded API server; 0 takes a free one", parsePort, 0)
    .option("--ascii", "draw with ASCII characters only")
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset demo                stays up afterwards, with a kubeconfig and commands to try
  $ sidecarset demo --exit         one line per step; exit 0 only if every promise of the story held
  $ sidecarset demo --scenario stuck-image --speed 4x`,
    )
    .action(async (options) => (await import("../commands/demo.ts")).demo(options));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new CommandError(
      `--port "${text}" is no port: give a whole number from 0 (any free one) to 65535`,
      EXIT.usage,
    );
  }
  return port;
}

function parseSpeed(text: string): number {
  const speed = /^\d+(\.\d+)?x?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (speed >= 0.1 && speed <= 1000) return speed;
  throw new CommandError(`--speed "${text}": a factor from 0.1 to 1000 is expected, for instance 20x`, EXIT.usage);
}
