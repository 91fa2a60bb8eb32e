import { packageFile } from "../packageFile.ts";

/** Prints what a shell has to run, so that it completes verbs, options and names of the cluster. */
export function completion(shell: "bash" | "zsh" | "fish" | "kubectl"): void {
  process.stdout.write(packageFile(`deploy/completion/sidecarset.${shell}`));
}
