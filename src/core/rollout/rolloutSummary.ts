import type { BudgetUse, WaitingPods } from "../sidecarSet/sidecarSetStatus.ts";

/** The four counters of a rollout, over the pods that carry the set's sidecars. */
export interface PodCounters {
  readonly matched: number;
  readonly updated: number;
  readonly ready: number;
  readonly updatedReady: number;
}

/** A set's pods at one moment, in numbers and a few names: all that a status is made from. */
export interface RolloutSummary {
  readonly counters: PodCounters;
  /** Active pods that the selectors choose, with or without the sidecars. */
  readonly selected: number;
  /** Pods that are upgraded now. */
  readonly next: number;
  /** Why pods wait or are left alone, and why they have no sidecars; pods that are up to date are not told of. Sorted by code. */
  readonly waiting: readonly WaitingPods[];
  readonly drifted: PodsByName;
  /** Updated, unavailable, and not getting any further by themselves. */
  readonly failing: PodsByName & {
    /** For longer than the deadline. */
    readonly overdue: number;
  };
  /** Undefined: the strategy cannot be read. */
  readonly budget: BudgetUse | undefined;
}

export interface PodsByName {
  readonly count: number;
  /** Up to three, as `namespace/name`; those of failing pods with what they wait for. */
  readonly examples: readonly string[];
}

/** How many examples are told. */
export const MOST_EXAMPLES = 3;

/** How many pods wait for one of these reasons. */
export function countOf({ waiting }: Pick<RolloutSummary, "waiting">, codes: readonly string[]): number {
  return waiting.reduce((sum, { code, count }) => sum + (codes.includes(code) ? count : 0), 0);
}

/** The first of them by name. */
export function examplesOf({ waiting }: Pick<RolloutSummary, "waiting">, codes: readonly string[]): readonly string[] {
  return waiting
    .flatMap(({ code, examples }) => (codes.includes(code) ? examples.map((pod) => `${pod} (${code})`) : []))
    .slice(0, MOST_EXAMPLES);
}

/** `a, b, c, …` */
export function shortened({ count, examples }: PodsByName): string {
  return [...examples, ...(count > examples.length ? ["…"] : [])].join(", ");
}

export function podsText(count: number): string {
  return count === 1 ? "1 pod" : `${count} pods`;
}

/** Held back on purpose. */
export const HELD = ["U03", "U04", "U05", "U18"] as const;
/** Nothing that the rollout does, and no waiting, brings these pods further. */
export const STUCK = ["U07", "U14", "U15", "U16"] as const;
/** Their turn comes when the budget allows it. */
export const QUEUED = ["U06", "U19"] as const;
/** The kubelet is at work on them. */
export const UNFINISHED = ["U08"] as const;
/** Without sidecars although they ought to have them … */
export const GAPS = ["I03", "I04", "I06", "I10", "I11"] as const;
/** … and without them because somebody wants it so. */
export const WITHOUT_ON_PURPOSE = ["I05", "I07", "I09", "I12"] as const;
