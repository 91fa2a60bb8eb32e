/** Exit codes of every verb; `--help` lists them. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  findings: 3,
  blocked: 4,
  timeout: 5,
  interrupted: 130,
} as const;

/** An end that needs no stack trace: one message for a person, and the exit code for a script. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.unexpected) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
