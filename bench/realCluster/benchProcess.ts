import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { RealCluster } from "./controlPlane.ts";

/** A process of its own, of this folder. */
export async function startProcess({ atEnd }: RealCluster, file: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const endWithUs = (): void => void child.kill();
  process.once("exit", endWithUs);
  atEnd(async () => {
    process.off("exit", endWithUs);
    if (child.kill()) await once(child, "exit");
  });
  await once(child, "spawn");
  return child;
}

/** Rejects when the process ends instead of answering. */
export async function ask<T>(child: ChildProcess, question: object): Promise<T> {
  const answered = new AbortController();
  const ended = once(child, "exit", { signal: answered.signal }).then(() => {
    throw new Error("a process of the benchmark has ended");
  });
  ended.catch(() => {});
  const answer = once(child, "message", { signal: answered.signal });
  answer.catch(() => {});
  child.send(question);
  try {
    return ((await Promise.race([answer, ended])) as unknown[])[0] as T;
  } finally {
    answered.abort();
  }
}
