import { Command, Option } from "commander";
import { labelSpread, secondsRange, share, wholeNumber } from "../simulation/flags.ts";
import { filenameOption, outputOption, recursiveOption } from "./options.ts";

/** A whole rollout on virtual time. */
export function simulateVerb(): Command {
  return new Command("simulate")
    .description("play the whole rollout of a change on virtual time, for any number of pods; needs no cluster")
    .addOption(filenameOption())
    .addOption(recursiveOption())
    .requiredOption("--pods <count>", "how many pods the SidecarSet has", wholeNumber("--pods", 1))
    .option("--from <file>", "the SidecarSet that the pods carry; left out: the same one with other images")
    .option("--sidecar-set <name>", "which one, when the files hold several")
    .option("--owners <count>", "workloads that the pods belong to", wholeNumber("--owners", 1), 10)
    .option("--namespaces <count>", "namespaces that they are spread over", wholeNumber("--namespaces", 1), 1)
    .option("--label <spread>", "a label and its values over the pods, e.g. zone=a,b:2; may be repeated", labelSpread)
    .addOption(
      new Option("--restart-seconds <time>", "from the changed image until a pod is ready again, e.g. 30 or 5..40")
        .argParser(secondsRange("--restart-seconds"))
        .default([5, 40], "5..40"),
    )
    .option("--failing <share>", "pods whose new image never comes up, e.g. 2%", share("--failing"), 0)
    .option("--not-ready <share>", "pods that are not ready by themselves, and stay so", share("--not-ready"), 0)
    .option("--seed <number>", "another one makes other pods slow, failing or not ready", wholeNumber("--seed", 0), 1)
    .addOption(outputOption("text", "json"))
    .addHelpText(
      "after",
      `
Decided by the functions of the controller. Workloads among the files are what the pods are made from; without one it is a plain pod
that the SidecarSet selects. Ends with 4 when pods would wait for ever, cannot be updated in place, or never come up.

Examples:
  $ sidecarset simulate -f sidecarset.yaml --pods 1000
  $ sidecarset simulate -f new.yaml --from old.yaml -f deployment.yaml --pods 40 --label topology.kubernetes.io/zone=a,b,c
  $ sidecarset simulate -f sidecarset.yaml --pods 100000 --failing 0.1% --restart-seconds 10..60 -o json`,
    )
    .action(async (options) => (await import("../commands/simulate.ts")).simulate(options));
}
