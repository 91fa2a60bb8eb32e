import type { Log } from "../../cluster/environment.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LEVELS)[number];

/** One JSON object per line with stable keys: `time`, `level`, `message`, then the fields of the action. */
export function jsonLog(write: (line: string) => void, least: LogLevel): Log {
  const threshold = LEVELS.indexOf(least);
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) < threshold) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plainError)}\n`);
  };
}

/** Errors have no own JSON form: their message is what a reader of logs needs. */
function plainError(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
