import { Option } from "commander";

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

/** The first format is the default. */
export function outputOption(...formats: readonly [string, ...string[]]): Option {
  return new Option("-o, --output <format>", "form of the result").choices(formats).default(formats[0]);
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
