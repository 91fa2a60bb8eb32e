import { Command, Option } from "commander";
import { NODE_NAMESPACES } from "../../core/injection/injectionRules.ts";
import {
  collectList,
  contextOption,
  filenameOption,
  kubeconfigOption,
  recursiveOption,
  systemNamespaceOption,
} from "./options.ts";

/** What the webhook would make of files. */
export function injectVerb(): Command {
  return new Command("inject")
    .description("show what the webhook would make of pods and of workloads' pods; needs no cluster")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .option("-n, --namespace <name>", "namespace of objects that do not say theirs", "default")
    .option("--explain", "tell where every added line is from")
    .option(
      "--expect <names>",
      "end with 3 unless every pod gets these SidecarSets; comma list, may be repeated",
      collectList,
    )
    .addOption(
      new Option("-o, --output <format>", "all objects (yaml, json), or what changes of them (diff, name)")
        .choices(["yaml", "json", "diff", "name"])
        .default(undefined, "yaml"),
    )
    .option("--from-cluster", "use the cluster's SidecarSets too, its revisions and the labels of its namespaces")
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(systemNamespaceOption())
    .option("--excluded-namespaces <names>", EXCLUDED_NAMESPACES, NODE_NAMESPACES.join(","))
    .addOption(defaultFailurePolicy())
    .addHelpText(
      "after",
      `
Files may hold pods, workloads of any kind that has a pod template, SidecarSets, Namespaces (for their labels), Lists, and anything
else, which passes as it is. Objects go to standard output, SidecarSets left out, and only if no pod would be refused and none lacks
what is expected; what happened to them goes to standard error. --explain alone prints the explanation instead, with -o json as an
InjectReport.

Examples:
  $ sidecarset inject -f pod.yaml -f sidecarset.yaml -o diff
  $ sidecarset inject -f deployment.yaml -f sidecarsets/ --explain
  $ helm template ./chart | sidecarset inject -f - -f sidecarset.yaml | kubectl apply -f -
  $ kustomize build . | sidecarset inject -f - --from-cluster --expect log-agent -o name`,
    )
    .action(async (options) => (await import("../commands/inject.ts")).inject(options));
}

const EXCLUDED_NAMESPACES = "their pods get no sidecars, nor do those of the system namespace; comma list";

function defaultFailurePolicy(): Option {
  return new Option(
    "--default-failure-policy <policy>",
    "for SidecarSets that do not say: whether a pod that cannot be injected is refused",
  )
    .choices(["Fail", "Ignore"])
    .default("Fail");
}
