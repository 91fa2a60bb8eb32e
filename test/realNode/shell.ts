import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { realKubeconfig, realKubectl } from "../realCluster/kubeconfigOfRun.ts";

/** Path of helm, by which the programs of the run name it to the tests. */
export const HELM = "REAL_NODE_HELM";

/** A terminal with helm and kubectl, which keeps what was typed and what came of it. */
export class Shell {
  readonly #lines: string[] = [];

  /**
   * @param told `aside`: it is no part of the story
   * @throws when it fails, with all that it printed
   */
  async run(command: string, told: "aloud" | "aside" = "aloud"): Promise<string> {
    const { stdout } = await this.#execute(command);
    if (told === "aloud") this.#lines.push(`$ ${command}`, stdout.trimEnd(), "");
    return stdout;
  }

  get transcript(): string {
    return this.#lines.join("\n");
  }

  async #execute(command: string) {
    const path = [dirname(process.env[HELM] ?? ""), dirname(realKubectl()), process.env.PATH].join(":");
    const env = { ...process.env, PATH: path, KUBECONFIG: realKubeconfig() };
    return promisify(execFile)("sh", ["-c", `{ ${command}\n} 2>&1`], { env }).catch(
      (error: Error & { stdout: string }) => {
        throw new Error(`${command}\n${error.stdout}`, { cause: error });
      },
    );
  }
}
