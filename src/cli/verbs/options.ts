import { type Command, Option } from "commander";

/** The options that verbs share, each with the same words everywhere. */

export function filenameOption(): Option {
  return new Option(
    "-f, --filename <file>",
    "file of manifests, or folder of them; may be repeated; - is standard input",
  )
    .argParser(collect)
    .makeOptionMandatory();
}

export function recursiveOption(): Option {
  return new Option("-R, --recursive", "read the folders of -f with all that is below them");
}

export function kubeconfigOption(): Option {
  return new Option("--kubeconfig <file>", "which cluster; left out: $KUBECONFIG, then ~/.kube/config");
}

export function contextOption(): Option {
  return new Option("--context <name>", "context of the kubeconfig; left out: its current one");
}

export function systemNamespaceOption(): Option {
  return new Option("--system-namespace <name>", "namespace of revisions and of the manager").default("kruise-system");
}

export function asciiOption(): Option {
  return new Option("--ascii", "plain characters instead of symbols (TERM=dumb does the same)");
}

/** The first format is the default. */
export function outputOption(...formats: readonly [string, ...string[]]): Option {
  return new Option("-o, --output <format>", "form of the result").choices(formats).default(formats[0]);
}

/** Of every verb that writes an object. */
export function addWriteOptions(command: Command): Command {
  return command
    .addOption(kubeconfigOption())
    .addOption(contextOption())
    .addOption(
      new Option("--dry-run <how>", "server: ask the API server and its admission, store nothing")
        .choices(["server", "none"])
        .default("none"),
    )
    .option("--print-patch", "print the merge patch instead of sending it; as YAML with -o yaml")
    .option("-y, --yes", "do not ask; only a person at a terminal is asked")
    .addOption(outputOption("text", "json", "yaml", "name"));
}

/** Of the verbs that go into one sidecar of one pod. */
export function addSidecarOptions(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "of the pod; left out: the namespace of the context")
    .option("-c, --container <name>", "sidecar, where the pod has several; also one half of a pair")
    .option("--sidecar-set <name>", "the sidecar of this SidecarSet")
    .addOption(kubeconfigOption())
    .addOption(contextOption());
}

/** For an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** For an option that takes a comma list and may be repeated. */
export function collectList(value: string, before: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== "")];
}
