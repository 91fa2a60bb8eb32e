import { Command } from "commander";
import { wholeNumber } from "../simulation/flags.ts";
import { addSidecarOptions } from "./options.ts";
import { timeSpan } from "./timeSpan.ts";

/** What a sidecar writes. */
export function logsVerb(): Command {
  const logs = new Command("logs")
    .argument("<pod>", "NAME or pod/NAME")
    .description("show what the sidecar of a pod writes; of a hot-upgrade pair, the half that works");
  return addSidecarOptions(logs)
    .option("-f, --follow", "go on as it writes")
    .option("-p, --previous", "of the container's run before")
    .option("--tail <lines>", "only the last ones", wholeNumber("--tail", 0))
    .option("--since <time>", "only what is newer, e.g. 90s, 5m, 2h", timeSpan("--since"))
    .option("--timestamps", "with the time before each line")
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset logs web-5c7b-k8s2q -n shop
  $ sidecarset logs web-5c7b-k8s2q -n shop -c envoy -f --tail 20
  $ sidecarset logs pod/web-5c7b-k8s2q --sidecar-set mesh --previous`,
    )
    .action(async (pod, options) => (await import("../commands/logs.ts")).logs(pod, options));
}
