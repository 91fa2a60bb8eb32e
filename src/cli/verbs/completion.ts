import { Argument, Command } from "commander";

/** Words that are completed by a key. */
export function completionVerb(): Command {
  return new Command("completion")
    .addArgument(new Argument("<shell>", "which one").choices(["bash", "zsh", "fish", "kubectl"]))
    .description("print the script that lets a shell complete verbs, options and names of the cluster")
    .addHelpText(
      "after",
      `
"kubectl" is the program that kubectl asks about its plugin; it has to be on the PATH by the name of kubectl_complete-sidecarset.

Examples:
  $ source <(sidecarset completion bash)
  $ sidecarset completion zsh > "\${fpath[1]}/_sidecarset"
  $ sidecarset completion fish > ~/.config/fish/completions/sidecarset.fish
  $ sidecarset completion kubectl > /usr/local/bin/kubectl_complete-sidecarset && chmod +x /usr/local/bin/kubectl_complete-sidecarset`,
    )
    .action(async (shell) => (await import("../commands/completion.ts")).completion(shell));
}
