import { Command, CommanderError } from "commander";
import { CommandError, EXIT } from "./exitCode.ts";
import { completedWords } from "./programName.ts";
import { everyVerb } from "./verbs/everyVerb.ts";
import { VERSION } from "./version.ts";

const EXIT_CODES = `
Exit codes:
  0 done · 1 unexpected error · 2 wrong usage · 3 findings · 4 blocked · 5 timeout · 130 interrupted`;

/** The command line; each verb is defined in verbs/. */
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

  for (const verb of everyVerb()) root.addCommand(verb.copyInheritedSettings(root).addHelpText("after", EXIT_CODES));
  for (const command of withSubcommands(root)) command.exitOverride();
  return root;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((below) => withSubcommands(below))];
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
const asked = completedWords(process.argv);
try {
  if (asked) await (await import("./completion/complete.ts")).complete(program(), asked);
  else await program().parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}
