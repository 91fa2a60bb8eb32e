import { CommandError, EXIT } from "../exitCode.ts";

/** `10`: a whole number from `least` on. */
export function wholeNumber(flag: string, least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= MOST) return number;
    throw refused(flag, text, `a whole number from ${least} to ${MOST.toLocaleString("en")} is expected`);
  };
}

const MOST = 10_000_000;

/** `2%` or `0.02`. */
export function share(flag: string): (text: string) => number {
  return (text) => {
    const number = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
    if (/^\d+(\.\d+)?%?$/.test(text) && number <= 1) return number;
    throw refused(flag, text, 'a share such as "2%" is expected, at most 100%');
  };
}

/** `30` or `5..40`, in seconds. */
export function secondsRange(flag: string): (text: string) => readonly [number, number] {
  return (text) => {
    const groups = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/.exec(text);
    const shortest = Number(groups?.[1]);
    const longest = Number(groups?.[2] ?? groups?.[1]);
    if (groups && shortest <= longest && longest <= LONGEST_SECONDS) return [shortest, longest];
    throw refused(flag, text, `seconds such as "30" or "5..40" are expected, the shorter time first, at most a day`);
  };
}

const LONGEST_SECONDS = 86_400;

/** A label whose values are spread over the pods by weight. */
export interface LabelSpread {
  readonly key: string;
  readonly values: readonly { readonly value: string; readonly weight: number }[];
}

/** `zone=a,b,c` or `zone=a:2,b:1`; may be given for several labels. */
export function labelSpread(text: string, before: readonly LabelSpread[] = []): readonly LabelSpread[] {
  const at = text.indexOf("=");
  const key = text.slice(0, Math.max(0, at));
  const values = text
    .slice(at + 1)
    .split(",")
    .map((part) => {
      const [value = "", weight = "1", ...rest] = part.split(":");
      return { value, weight: rest.length === 0 && /^\d+(\.\d+)?$/.test(weight) ? Number(weight) : Number.NaN };
    });
  const isRight = key !== "" && values.every(({ value, weight }) => value !== "" && weight > 0);
  if (!isRight)
    throw refused(
      "--label",
      text,
      'a label with its values is expected, such as "zone=a,b,c" or "tier=gold:1,basic:9"',
    );
  return [...before.filter((each) => each.key !== key), { key, values }];
}

function refused(flag: string, text: string, expectation: string): CommandError {
  return new CommandError(`${flag} "${text}": ${expectation}`, EXIT.usage);
}
