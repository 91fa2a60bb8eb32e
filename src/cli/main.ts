import { Command, CommanderError, Option } from "commander";
import { NODE_NAMESPACES } from "../core/injection/injectionRules.ts";
import { CommandError, EXIT } from "./exitCode.ts";
import { defaultOf, flagOf, SETTINGS, type Setting } from "./run/settings.ts";
import { labelSpread, secondsRange, share, wholeNumber } from "./simulation/flags.ts";
import { VERSION } from "./version.ts";

const EXIT_CODES = `
Exit codes:
  0 done · 1 unexpected error · 2 wrong usage · 3 findings · 4 blocked · 5 timeout · 130 interrupted`;

const FILES = "file of manifests, or folder of them; may be repeated; - is standard input";
const EXCLUDED_NAMESPACES = "their pods get no sidecars, nor do those of the system namespace; comma list";
const RECURSIVE = "read the folders of -f with all that is below them";

/** The command line: one line per verb here, the work behind an import that only that verb pays for. */
function program(): Command {
  const root = new Command("sidecarset")
    .description(
      "Inject sidecar containers into Kubernetes pods and upgrade them in place, without restarting one pod.",
    )
    .version(`sidecarset ${VERSION}`, "-V, --version", "print the version")
    .option("--no-color", "plain text (NO_COLOR=1 and TERM=dumb do the same)")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(add --help for the options)")
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset demo                                          the whole story on an embedded cluster, no Kubernetes needed
  $ sidecarset inject -f pod.yaml -f sidecarset.yaml         what would my pod look like?
  $ sidecarset run --kubeconfig ~/.kube/config --webhook-url https://127.0.0.1:9443
${EXIT_CODES}`,
    );

  root
    .command("demo")
    .description("play the main story live on an embedded cluster: inject, gray release, the rest")
    .option("--exit", "end when the story is over; the default when standard output is not a terminal")
    .option("--port <port>", "port of the embedded API server; 0 takes a free one", parsePort, 0)
    .option("--ascii", "draw with ASCII characters only")
    .addHelpText(
      "after",
      `
Examples:
  $ sidecarset demo                stays up afterwards, with a kubeconfig and three commands to try
  $ sidecarset demo --exit         one line per step; exit 0 only if every promise of the story held
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/demo.ts")).demo(options));

  const run = root
    .command("run")
    .description("run the manager: admission webhook and rollout controller")
    .option("--config <file>", "settings as a file of kind ManagerConfiguration; flags win over it");
  for (const option of SETTINGS.map(settingOption)) run.addOption(option);
  run
    .addHelpText(
      "after",
      `
Several managers may run: every one serves the webhook, one of them leads.

Examples:
  $ sidecarset run                                                   inside the cluster
  $ sidecarset run --kubeconfig ./kubeconfig --webhook-url https://127.0.0.1:9443 --listen 127.0.0.1
  $ sidecarset run --config manager.yaml --log-format text
${EXIT_CODES}`,
    )
    .action(async ({ config, ...options }: RunOptions, command: Command) => {
      const given = Object.entries(options).filter(([key]) => command.getOptionValueSource(key) === "cli");
      const flags = Object.fromEntries(given) as Record<string, string | boolean>;
      await (await import("./commands/run.ts")).run({ flags, ...(config === undefined ? {} : { config }) });
    });

  root
    .command("unregister")
    .description("break-glass: remove the webhook from the cluster at once and keep it away")
    .option("--kubeconfig <file>", "cluster; left out: $KUBECONFIG, then ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig; left out: its current one")
    .option("--system-namespace <name>", "namespace of the manager", "kruise-system")
    .option("--reason <text>", "why, for those who find it so", "break-glass")
    .addHelpText(
      "after",
      `
Works with and without a running manager. New pods get no sidecars until the registration is switched back, which the output tells how.

Example:
  $ sidecarset unregister --reason "incident 7"
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/unregister.ts")).unregister(options));

  root
    .command("inject")
    .description("show what the webhook would make of pods and of workloads' pods; needs no cluster")
    .requiredOption("-f, --filename <file>", FILES, collect)
    .option("-R, --recursive", RECURSIVE)
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
    .option("--kubeconfig <file>", "cluster to read from; left out: $KUBECONFIG, then ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig; left out: its current one")
    .option("--system-namespace <name>", "namespace of revisions and of the manager", "kruise-system")
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
  $ kustomize build . | sidecarset inject -f - --from-cluster --expect log-agent -o name
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/inject.ts")).inject(options));

  root
    .command("preview")
    .description("say what a changed SidecarSet would do to the pods of a cluster; writes nothing")
    .requiredOption("-f, --filename <file>", FILES, collect)
    .option("-R, --recursive", RECURSIVE)
    .option("--sidecar-set <name>", "which one, when the files hold several")
    .option(
      "--snapshot <file>",
      "pods, namespaces, revisions and SidecarSets as kubectl prints them, instead of a cluster",
      collect,
    )
    .option("--kubeconfig <file>", "cluster to read from; left out: $KUBECONFIG, then ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig; left out: its current one")
    .option("--system-namespace <name>", "namespace of revisions and of the manager", "kruise-system")
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
    .addOption(new Option("-o, --output <format>", "form of the result").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Decided by the functions of the controller, played to the end. Ends with 3 when anything is found: a warning with its code, pods that
never get the change, a refusal of the API server.

Examples:
  $ sidecarset preview -f new.yaml
  $ sidecarset preview -f new.yaml --pods --restart-seconds 10..60
  $ kubectl get pods,namespaces,controllerrevisions,sidecarsets -A -o yaml > snapshot.yaml
  $ sidecarset preview -f new.yaml --snapshot snapshot.yaml -o json
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/preview.ts")).preview(options));

  root
    .command("simulate")
    .description("play the whole rollout of a change on virtual time, for any number of pods; needs no cluster")
    .requiredOption("-f, --filename <file>", FILES, collect)
    .option("-R, --recursive", RECURSIVE)
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
    .addOption(new Option("-o, --output <format>", "form of the result").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Decided by the functions of the controller. Workloads among the files are what the pods are made from; without one it is a plain pod
that the SidecarSet selects. Ends with 4 when pods would wait for ever, cannot be updated in place, or never come up.

Examples:
  $ sidecarset simulate -f sidecarset.yaml --pods 1000
  $ sidecarset simulate -f new.yaml --from old.yaml -f deployment.yaml --pods 40 --label topology.kubernetes.io/zone=a,b,c
  $ sidecarset simulate -f sidecarset.yaml --pods 100000 --failing 0.1% --restart-seconds 10..60 -o json
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/simulate.ts")).simulate(options));

  root
    .command("undo")
    .argument("<name>", "SidecarSet")
    .description("give a SidecarSet the containers and volumes of an earlier revision again")
    .option("--to-revision <revision>", "its number or name; left out: the last one with another template")
    .option("--kubeconfig <file>", "cluster to change; left out: $KUBECONFIG, then ~/.kube/config")
    .option("--context <name>", "context of the kubeconfig; left out: its current one")
    .option("--system-namespace <name>", "namespace of revisions and of the manager", "kruise-system")
    .addOption(
      new Option("--dry-run <how>", "server: ask the API server and its admission, store nothing")
        .choices(["server", "none"])
        .default("none"),
    )
    .option("--print-patch", "print the merge patch instead of sending it")
    .addHelpText(
      "after",
      `
Only the template goes back: selectors and strategies stay, so that partition, pause and budget hold for the way back too. It is refused
when somebody else changed the SidecarSet meanwhile.

Examples:
  $ sidecarset undo log-agent
  $ sidecarset undo log-agent --to-revision 3 --dry-run=server
  $ kubectl get controllerrevisions -n kruise-system -l kruise.io/sidecarset-name=log-agent
${EXIT_CODES}`,
    )
    .action(async (name, options) => (await import("./commands/undo.ts")).undo(name, options));

  root
    .command("validate")
    .description("say what is wrong with SidecarSets, each finding at file:line:column; needs no cluster")
    .requiredOption("-f, --filename <file>", FILES, collect)
    .option("-R, --recursive", RECURSIVE)
    .addOption(new Option("-o, --output <format>", "form of the result").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Each SidecarSet is judged as if it were created next to all the others of the files. Warnings are findings too.

Examples:
  $ sidecarset validate -f sidecarset.yaml -f other-sidecarset.yaml
  $ sidecarset validate -R -f manifests/
  $ helm template ./chart | sidecarset validate -f - -o json
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/validate.ts")).validate(options));

  root
    .command("convert")
    .description("write SidecarSets in the other API version; needs no cluster")
    .requiredOption("-f, --filename <file>", FILES, collect)
    .option("-R, --recursive", RECURSIVE)
    .addOption(
      new Option("--to <version>", "API version to write").choices(["v1alpha1", "v1beta1"]).makeOptionMandatory(),
    )
    .addOption(new Option("-o, --output <format>", "form of the result").choices(["yaml", "json"]).default("yaml"))
    .addHelpText(
      "after",
      `
Other kinds come out as they went in. A warning names every field that the version has no place for.

Examples:
  $ sidecarset convert -f sidecarset.yaml --to v1beta1
  $ sidecarset convert -f manifests/ --to v1beta1
  $ kubectl get sidecarsets -o yaml | sidecarset convert -f - --to v1beta1
${EXIT_CODES}`,
    )
    .action(async (options) => (await import("./commands/convert.ts")).convert(options));

  root
    .command("version")
    .description("print the version")
    .addOption(new Option("-o, --output <format>", "form of the result").choices(["text", "json"]).default("text"))
    .addHelpText("after", EXIT_CODES)
    .action((options: { output: string }) => {
      console.log(
        options.output === "json"
          ? JSON.stringify({ version: VERSION, node: process.version })
          : `sidecarset ${VERSION}`,
      );
    });

  for (const command of [root, ...root.commands]) command.exitOverride();
  return root;
}

type RunOptions = { readonly config?: string } & Readonly<Record<string, unknown>>;

function settingOption(setting: Setting): Option {
  const { takes, description, defaultText } = setting;
  const flag = takes === undefined ? flagOf(setting.key) : `${flagOf(setting.key)} <${takes}>`;
  const left = defaultText === undefined ? "" : `; left out: ${defaultText}`;
  const option = new Option(flag, `${description}${left}`);
  return setting.default === undefined ? option : option.default(setting.default, defaultOf(setting));
}

function defaultFailurePolicy(): Option {
  return new Option(
    "--default-failure-policy <policy>",
    "for SidecarSets that do not say: whether a pod that cannot be injected is refused",
  )
    .choices(["Fail", "Ignore"])
    .default("Fail");
}

function collectList(value: string, before: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== "")];
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
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

/** Failures of the world, not of the program: their message says what a person needs. */
const EXPECTED: ReadonlySet<string> = new Set(["ClusterError", "AccessError", "CertificateError"]);

/** Says in one line what went wrong, and turns it into an exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CommandError) {
    console.error(`error: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof Error && EXPECTED.has(error.name)) {
    console.error(`error: ${error.message}`);
    return EXIT.unexpected;
  }
  console.error(error);
  return EXIT.unexpected;
}

// A reader that leaves early (`| head`) is no error, nor is a terminal that was closed. Nobody reading our logs ends nothing.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (!isGone(error)) throw error;
  process.exit(EXIT.done);
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (!isGone(error)) throw error;
});

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === "EPIPE" || code === "EIO";
}

if (process.argv.includes("--no-color")) process.env.NO_COLOR = "1";
try {
  await program().parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}
