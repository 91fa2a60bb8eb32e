import { Command, Option } from "commander";
import { secondsRange } from "../simulation/flags.ts";
import {
  collect,
  contextOption,
  filenameOption,
  kubeconfigOption,
  outputOption,
  recursiveOption,
  systemNamespaceOption,
} from "./options.ts";

/** What a change would do to a cluster. */
export function previewVerb(): Command {
  return new Command("preview")
    .description("say what a changed SidecarSet would do to the pods of a cluster; writes nothing")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .option("--sidecar-set <name>", "which one, when the files hold several")
    .option(
      "--snapshot <file>",
      "pods, namespaces, revisions and SidecarSets as kubectl prints them, instead of a cluster",
      collect,
    )
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .addOption(
      new Option("--restart-seconds <time>", "from the changed image until a pod is ready again, e.g. 30 or 5..40")
        .argParser(secondsRange("--restart-seconds"))
        .default([30, 30], "30"),
    )
    .addOption(
      new Option("--dry-run <how>", "whether the API server and its admission are asked too")
        .choices(["server", "none"])
        .default("server"),
    )
    .option("--pods", "list every pod, in the order of the upgrades")
    .addOption(outputOption("text", "json"))
    .addHelpText(
      "after",
      `
Decided by the functions of the controller, played to the end. Ends with 3 when anything is found: a warning with its code, pods that
never get the change, a refusal of the API server.

Examples:
  $ sidecarset preview -f new.yaml
  $ sidecarset preview -f new.yaml --pods --restart-seconds 10..60
  $ kubectl get pods,namespaces,controllerrevisions,sidecarsets -A -o yaml > snapshot.yaml
  $ sidecarset preview -f new.yaml --snapshot snapshot.yaml -o json`,
    )
    .action(async (options) => (await import("../commands/preview.ts")).preview(options));
}
