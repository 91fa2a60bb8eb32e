import { CommandError, EXIT } from "../exitCode.ts";

/** `90`, `90s`, `5m`, `2h` → seconds. */
export function timeSpan(flag: string): (text: string) => number {
  return (text) => {
    const [, amount, unit = "s"] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
    if (amount !== undefined) return Number(amount) * SECONDS[unit as keyof typeof SECONDS];
    throw new CommandError(`${flag} "${text}": a time such as 90s, 5m or 2h is expected`, EXIT.usage);
  };
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;
