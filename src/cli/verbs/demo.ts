import { Command } from "commander";
import { CommandError, EXIT } from "../exitCode.ts";

/** The main story on an embedded cluster. */
export function demoVerb(): Command {
  return new Command("demo")
    .description("play the main story live on an embedded cluster: inject, gray release, the rest")
    .option("--exit", "end when the story is over; the default when standard output is not a terminal")
    .option("--port <port>", "port of the embedded API server; 0 takes a free one", parsePort, 0)
    .option("--ascii", "draw with ASCII characters only")
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset demo                stays up afterwards, with a kubeconfig and three commands to try
  $ sidecarset demo --exit         one line per step; exit 0 only if every promise of the story held`,
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
