import type { Log } from "../../cluster/environment.ts";
import type { Style } from "./style.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type LogLevel = (typeof LEVELS)[number];

export interface LogOptions {
  readonly write: (line: string) => void;
  /** What is less important is not written. */
  readonly least: LogLevel;
}

/** One JSON object per line with stable keys: `time`, `level`, `message`, then the fields of the action. */
export function jsonLog({ write, least }: LogOptions): Log {
  return fromLevel(least, (level, message, fields) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plainError)}\n`),
  );
}

/** The same line for people: `12:03:44 warn  the lease is lost  lease=sidecarset-manager why="…"`. */
export function textLog({ write, least }: LogOptions, style: Style): Log {
  const colours = { debug: style.dim, info: style.cyan, warn: style.yellow, error: style.red };
  return fromLevel(least, (level, message, fields = {}) => {
    const time = style.dim(new Date().toISOString().slice(11, 19));
    const pairs = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `  ${style.dim(`${key}=`)}${shown(value)}`);
    write(`${time} ${colours[level](level.padEnd(5))} ${message}${pairs.join("")}\n`);
  });
}

function fromLevel(least: LogLevel, log: Log): Log {
  const threshold = LEVELS.indexOf(least);
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) >= threshold) log(level, message, fields);
  };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, plainError) ?? "";
  const bare = typeof value === "string" && /^[^\s"=]+$/.test(value);
  return bare ? value : text;
}

/** Errors have no own JSON form: their message is what a reader of logs needs. */
function plainError(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
