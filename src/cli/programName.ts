import { basename } from "node:path";

/** How the user calls this program, for commands to be copied: by itself or through kubectl. */
export function programName(argv: readonly string[] = process.argv): string {
  return basename(argv[1] ?? "").startsWith("kubectl") ? "kubectl sidecarset" : "sidecarset";
}

/** A command with the flags that say which cluster, ready to be pasted into a shell. */
export function commandFor(
  words: readonly string[],
  { kubeconfig, context }: { readonly kubeconfig?: string; readonly context?: string } = {},
): string {
  const flags = [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
  return [programName(), ...[...words, ...flags].map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The words of a line that a shell wants to be completed, the last one as far as it is typed; undefined: this is no such question.
 * kubectl asks by a program of that name, and gives the words alone.
 */
export function completedWords(argv: readonly string[]): readonly string[] | undefined {
  if (basename(argv[1] ?? "").startsWith("kubectl_complete-")) return argv.slice(2);
  return argv[2] === "__complete" ? argv.slice(3) : undefined;
}
