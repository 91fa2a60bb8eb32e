import { Command } from "commander";
import { addSidecarOptions } from "./options.ts";

/** A command in a sidecar. */
export function execVerb(): Command {
  const exec = new Command("exec")
    .argument("<pod>", "NAME or pod/NAME")
    .argument("[command...]", "what is run there, after --")
    .description("run a command in the sidecar of a pod; of a hot-upgrade pair, in the half that works");
  return addSidecarOptions(exec)
    .option("-i, --stdin", "pass standard input on")
    .option("-t, --tty", "standard input is a terminal")
    .addHelpText(
      "after",
      `
Goes through kubectl, and ends as the command does.

Examples:
  $ sidecarset exec web-5c7b-k8s2q -n shop -- cat /etc/fluent-bit/fluent-bit.conf
  $ sidecarset exec web-5c7b-k8s2q -n shop -c envoy -it -- sh`,
    )
    .action(async (pod, command, options) => (await import("../commands/exec.ts")).exec(pod, command, options));
}
