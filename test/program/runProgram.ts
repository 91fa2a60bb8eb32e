import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { resolve } from "node:path";
import { inject } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output or standard error holds the text. */
  said(text: string): Promise<void>;
}

export interface StartOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Left out: the one built from the sources under test. */
  readonly program?: string;
}

/** Starts the built `sidecarset` as a user would. */
export function startProgram(args: readonly string[], options: StartOptions = {}): RunningProgram {
  const child = spawn(process.execPath, [options.program ?? inject("program"), ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  const hear = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    hear();
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    hear();
  });
  child.stdin.end(options.input ?? "");
  const ended = new Promise<Ended>((done) => child.on("close", (code) => done({ code, stdout, stderr })));
  return {
    process: child,
    ended,
    said: (text) =>
      new Promise((done, fail) => {
        const listen = (): void => {
          if (!`${stdout}${stderr}`.includes(text)) return;
          listeners.delete(listen);
          done();
        };
        listeners.add(listen);
        listen();
        void ended.then(({ stdout: out, stderr: err }) =>
          fail(new Error(`ended without saying "${text}":\n${out}${err}`)),
        );
      }),
  };
}

export function runProgram(...parameters: Parameters<typeof startProgram>): Promise<Ended> {
  return startProgram(...parameters).ended;
}
