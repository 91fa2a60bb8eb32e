import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One program of the control plane, its output in a file. */
export interface Component {
  readonly name: string;
  readonly logPath: string;
  /** Throws, with the end of its log, when the program is no longer there. */
  assertRunning(): void;
  stop(): Promise<void>;
  /** Without a word. */
  kill(): Promise<void>;
}

const GRACE_MS = 5_000;

export function startComponent(name: string, program: string, args: readonly string[], logFolder: string): Component {
  const logPath = join(logFolder, `${name}.log`);
  const log = openSync(logPath, "w");
  const child = spawn(program, args, { stdio: ["ignore", log, log] });
  child.once("error", (error) => console.error(`${name}: ${error.message}`));
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  return {
    name,
    logPath,
    assertRunning() {
      if (!hasEnded(child)) return;
      const ending = readFileSync(logPath, "utf8").trim().split("\n").slice(-8).join("\n");
      throw new Error(
        `${name} ended (${child.exitCode ?? child.signalCode}); its log ${logPath} ends with:\n${ending}`,
      );
    },
    stop: () => stopProcess(child),
    async kill() {
      if (hasEnded(child)) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await ended;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}
