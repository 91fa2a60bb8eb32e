import type { BookEntry } from "./bookEntry.ts";
import { keyOf } from "./candidate.ts";
import { Deadlines } from "./deadlines.ts";
import { ORDINARY, type UncoveredCode } from "./podReport.ts";
import { PodTally } from "./podTally.ts";
import { MOST_EXAMPLES, type PodsByName, type RolloutSummary } from "./rolloutSummary.ts";
import { type Because, REASON_CODES } from "./verdict.ts";

type Label = Because | UncoveredCode | "drifted" | "failing" | "overdue";

/** Verdicts that are no news: the pod is done with, or its code says more. */
const UNTOLD: ReadonlySet<Because> = new Set(["upToDate", "imageOverridden", "notInjected", "inactivePod"]);

/** The running account of everything but the candidates: a change of a pod changes a few numbers. */
export class ReportedPods {
  readonly #tally = new PodTally<Label, BookEntry>();
  /** Of updated pods that are unavailable. */
  readonly #deadlines = new Deadlines<BookEntry>();
  /** Active pods. */
  selected = 0;

  add(pod: BookEntry): void {
    this.#count(pod, 1);
    for (const label of labelsOf(pod)) this.#tally.add(label, pod);
  }

  delete(pod: BookEntry): void {
    this.#count(pod, -1);
    for (const label of labelsOf(pod)) this.#tally.delete(label, pod);
  }

  #count(pod: BookEntry, by: 1 | -1): void {
    if (pod.report.active) this.selected += by;
    if (pod.report.overdueAt === undefined || pod.overdue) return;
    if (by === 1) this.#deadlines.add(pod.report.overdueAt, pod);
    else this.#deadlines.delete(pod.report.overdueAt, pod);
  }

  /** Counts pods whose deadline has passed. */
  settle(now: number): void {
    for (const pod of this.#deadlines.passedAt(now)) {
      this.delete(pod);
      pod.overdue = true;
      this.add(pod);
    }
  }

  /** When the next deadline passes. */
  get nextDeadline(): number | undefined {
    return this.#deadlines.next;
  }

  /** How many pods wait, or are left alone, for each reason that is told in a status. */
  waiting(): ReadonlyMap<string, PodsByName> {
    const waiting = new Map<string, PodsByName>();
    for (const label of this.#tally.labels()) {
      const code = label in REASON_CODES ? REASON_CODES[label as Because] : isUncovered(label) ? label : undefined;
      if (code) waiting.set(code, this.#byName(label));
    }
    return waiting;
  }

  get drifted(): PodsByName {
    return this.#byName("drifted");
  }

  get failing(): RolloutSummary["failing"] {
    const first = this.#tally.first("failing", MOST_EXAMPLES);
    const examples = first.map((pod) => `${keyOf(pod)} (${pod.report.failing ?? "not ready"})`);
    return { count: this.#tally.count("failing"), examples, overdue: this.#tally.count("overdue") };
  }

  #byName(label: Label): PodsByName {
    return { count: this.#tally.count(label), examples: this.#tally.first(label, MOST_EXAMPLES).map(keyOf) };
  }
}

function labelsOf({ judgement, report, overdue }: BookEntry): readonly Label[] {
  if (!report.active || (judgement.settled === undefined && report === ORDINARY)) return NO_LABELS;
  const labels: Label[] = [];
  const because = judgement.settled?.because;
  if (because !== undefined && !UNTOLD.has(because)) labels.push(because);
  if (report.uncovered) labels.push(report.uncovered);
  if (report.drifted) labels.push("drifted");
  if (report.failing !== undefined || overdue) labels.push("failing");
  if (overdue) labels.push("overdue");
  return labels;
}

const NO_LABELS: readonly Label[] = [];

function isUncovered(label: Label): label is UncoveredCode {
  return /^I\d\d$/.test(label);
}
