import { Command } from "commander";
import { NODE_NAMESPACES } from "../../core/injection/injectionRules.ts";
import {
  asciiOption,
  collect,
  collectList,
  contextOption,
  kubeconfigOption,
  outputOption,
  recursiveOption,
  systemNamespaceOption,
} from "./options.ts";

/** Why a pod has the sidecars it has. */
export function explainVerb(): Command {
  return new Command("explain")
    .description("say why pods were injected or not, and upgraded or not, and what to do")
    .argument("[kind/name]", "pod/NAME, deploy/NAME, sts/NAME, …; a name alone is a pod's")
    .option("-l, --selector <labels>", "all pods with these labels")
    .option("-f, --filename <file>", "pods and workloads that do not exist yet; may be repeated", collect)
    .addOption(recursiveOption())
    .option("-n, --namespace <name>", "where they live; left out: the namespace of the context")
    .option("-A, --all-namespaces", "with -l: in every namespace")
    .option("--sidecar-set <names>", "only these SidecarSets; comma list, may be repeated", collectList)
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .option("--excluded-namespaces <names>", "as the manager has them; comma list", NODE_NAMESPACES.join(","))
    .addOption(asciiOption())
    .addOption(outputOption("text", "json", "yaml", "name"))
    .addHelpText(
      "after",
      `
Every check with what was found and what was expected, who holds the budget, the place in the queue, the next step, and a command that
mends it where there is one. Decided by the functions of the webhook and the controller; only reads. Ends with 3 when anything is found:
a pod without sidecars that it ought to have, one that is not at the newest revision, one that does not get ready.

Examples:
  $ sidecarset explain web-5c7b-k8s2q -n shop
  $ sidecarset explain deploy/web -n shop
  $ sidecarset explain -l app=web -A --sidecar-set log-agent -o json
  $ sidecarset explain -f deployment.yaml`,
    )
    .action(async (target, options) => (await import("../commands/explain.ts")).explain(target, options));
}
