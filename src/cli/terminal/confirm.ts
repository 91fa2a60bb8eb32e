import { createInterface } from "node:readline/promises";
import { CommandError, EXIT } from "../exitCode.ts";

/** Whether a person sits there who can be asked: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on standard error. Rejects with a CommandError when Ctrl-C or the end of the input is the answer. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const given = new AbortController();
  terminal.once("SIGINT", () => given.abort());
  terminal.once("close", () => given.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: given.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    throw new CommandError("interrupted; nothing is written", EXIT.interrupted);
  } finally {
    terminal.close();
  }
}
