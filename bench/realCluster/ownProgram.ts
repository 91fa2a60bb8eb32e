import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/**
 * A benchmark on the real control plane is a program of its own beside the others: it starts much, and ends all of it when it ends.
 * @param file in this folder; a module that prints one JSON line
 */
export function onRealCluster(file: string): () => Promise<object> {
  return async () => {
    const program = join("bench", "realCluster", file);
    const child = spawn(process.execPath, ["--import", "tsx", program], { stdio: ["ignore", "pipe", "inherit"] });
    const endWithUs = (): void => void child.kill("SIGTERM");
    process.once("exit", endWithUs);
    const interrupted = (): void => process.exit(130);
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk;
    });
    const [code] = (await once(child, "close")) as [number | null];
    process.off("exit", endWithUs).off("SIGINT", interrupted).off("SIGTERM", interrupted);
    if (code !== 0) throw new Error(`${program} ended with code ${code}\n${printed}`);
    return JSON.parse(printed.trim().split("\n").at(-1)!) as object;
  };
}
