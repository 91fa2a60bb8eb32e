const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Up to here (exclusive) a duration is shown in `unit`, with what is left over in `rest` when that is not nothing. */
const RANGES: readonly { readonly below: number; readonly unit: Unit; readonly rest?: Unit }[] = [
  { below: 2 * MINUTE, unit: "s" },
  { below: 10 * MINUTE, unit: "m", rest: "s" },
  { below: 3 * HOUR, unit: "m" },
  { below: 8 * HOUR, unit: "h", rest: "m" },
  { below: 2 * DAY, unit: "h" },
  { below: 8 * DAY, unit: "d", rest: "h" },
  { below: 2 * YEAR, unit: "d" },
  { below: 8 * YEAR, unit: "y", rest: "d" },
  { below: Number.POSITIVE_INFINITY, unit: "y" },
];
const LENGTH = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, y: YEAR } as const;
type Unit = keyof typeof LENGTH;

/** How kubectl's tables show an age: two or three significant figures, `95s`, `7m30s`, `5h`, `3d4h`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / SECOND);
  // Clocks of two machines differ a little; a moment less than two seconds ahead is now.
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const { unit, rest } = RANGES.find(({ below }) => milliseconds < below)!;
  const whole = Math.floor(milliseconds / LENGTH[unit]);
  const left = rest === undefined ? 0 : Math.floor((milliseconds - whole * LENGTH[unit]) / LENGTH[rest]);
  return left > 0 ? `${whole}${unit}${left}${rest}` : `${whole}${unit}`;
}
