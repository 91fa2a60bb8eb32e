import type { Requirement } from "./labelSelector.ts";

/**
 * The states that one label may be in: absent, and having a value that is one of `values` (`only`) or none of them (`allBut`). All that
 * a selector says about a key is one such range, and so is what two selectors allow together.
 */
export interface LabelRange {
  readonly absent: boolean;
  readonly listed: "only" | "allBut";
  /** Sorted, each once: equal ranges are equal texts. */
  readonly values: readonly string[];
}

export const ANYTHING: LabelRange = { absent: true, listed: "allBut", values: [] };

export function rangeOf({ operator, values }: Requirement): LabelRange {
  switch (operator) {
    case "In":
      return range(false, "only", values);
    case "NotIn":
      return range(true, "allBut", values);
    case "Exists":
      return range(false, "allBut", []);
    case "DoesNotExist":
      return range(true, "only", []);
    case "GreaterThan":
    case "LessThan":
      return range(false, "allBut", []); // wider: no list of values says it
  }
}

/** The states that are in both. */
export function intersection(left: LabelRange, right: LabelRange): LabelRange {
  const absent = left.absent && right.absent;
  if (left.listed === "allBut" && right.listed === "allBut") {
    return range(absent, "allBut", [...left.values, ...right.values]);
  }
  const [few, other] = left.listed === "only" ? [left, right] : [right, left];
  return range(
    absent,
    "only",
    few.values.filter((value) => hasValue(other, value)),
  );
}

/** The states that are in one of them; of none there are none. By halves: the lists grow, and each step sorts. */
export function unionOf(ranges: readonly LabelRange[]): LabelRange {
  if (ranges.length < 2) return ranges[0] ?? range(false, "only", []);
  const middle = ranges.length >> 1;
  return union(unionOf(ranges.slice(0, middle)), unionOf(ranges.slice(middle)));
}

function union(left: LabelRange, right: LabelRange): LabelRange {
  const absent = left.absent || right.absent;
  if (left.listed === "only" && right.listed === "only") {
    return range(absent, "only", [...left.values, ...right.values]);
  }
  const [most, other] = left.listed === "allBut" ? [left, right] : [right, left];
  return range(
    absent,
    "allBut",
    most.values.filter((value) => !hasValue(other, value)),
  );
}

/** Nothing is in it: what asks for it is never met. */
export function isEmpty({ absent, listed, values }: LabelRange): boolean {
  return !absent && listed === "only" && values.length === 0;
}

export function isAnything({ absent, listed, values }: LabelRange): boolean {
  return absent && listed === "allBut" && values.length === 0;
}

export function sameRange(left: LabelRange, right: LabelRange): boolean {
  return rangeText(left) === rangeText(right);
}

export function rangeText({ absent, listed, values }: LabelRange): string {
  return JSON.stringify([absent, listed, values]);
}

/** The range as conditions of a selector; undefined where none say it: one of some values, or absent. */
export function requirementsOf(key: string, given: LabelRange): readonly Requirement[] | undefined {
  const { absent, listed, values } = given;
  if (listed === "only") {
    if (values.length === 0) return absent ? [{ key, operator: "DoesNotExist", values: [] }] : undefined;
    return absent ? undefined : [{ key, operator: "In", values }];
  }
  return [
    ...(absent ? [] : [{ key, operator: "Exists", values: [] } as const]),
    ...(values.length === 0 ? [] : [{ key, operator: "NotIn", values } as const]),
  ];
}

function hasValue({ listed, values }: LabelRange, value: string): boolean {
  return values.includes(value) === (listed === "only");
}

function range(absent: boolean, listed: LabelRange["listed"], values: readonly string[]): LabelRange {
  return { absent, listed, values: [...new Set(values)].sort() };
}
