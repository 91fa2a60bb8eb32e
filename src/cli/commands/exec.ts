import { spawn } from "node:child_process";
import { once } from "node:events";
import { CommandError, EXIT } from "../exitCode.ts";
import { type FoundSidecar, findSidecar, type SidecarOptions } from "../podSidecar/findSidecar.ts";
import { withCluster } from "../withCluster.ts";

interface ExecOptions extends SidecarOptions {
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

/** Runs a command in the sidecar of a pod, by kubectl; of a hot-upgrade pair, in the half that works. */
export async function exec(pod: string, command: readonly string[], options: ExecOptions): Promise<void> {
  if (command.length === 0) throw new CommandError("name the command after --, for instance: -- sh", EXIT.usage);
  const sidecar = await withCluster(options, (cluster) => findSidecar(cluster, pod, options));
  process.exitCode = await runKubectl(execArguments(sidecar, command, options));
}

/** As kubectl takes it. */
function execArguments(sidecar: FoundSidecar, command: readonly string[], options: ExecOptions): readonly string[] {
  return [
    ...(options.kubeconfig === undefined ? [] : ["--kubeconfig", options.kubeconfig]),
    ...(options.context === undefined ? [] : ["--context", options.context]),
    ...["exec", sidecar.pod, "--namespace", sidecar.namespace, "--container", sidecar.container],
    ...(options.stdin ? ["--stdin"] : []),
    ...(options.tty ? ["--tty"] : []),
    "--",
    ...command,
  ];
}

/** It speaks the streaming protocols; we do not. Signals of a terminal reach it by itself. */
async function runKubectl(args: readonly string[]): Promise<number> {
  const kubectl = spawn("kubectl", args, { stdio: "inherit" });
  const ignored = (): void => {};
  process.on("SIGINT", ignored);
  try {
    const [code] = (await once(kubectl, "close")) as [number | null];
    return code ?? EXIT.interrupted;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new CommandError("exec goes through kubectl, which is not on the PATH; install it, or add its folder");
  } finally {
    process.off("SIGINT", ignored);
  }
}
