import type { PodRecord } from "../pod/podRecord.ts";
import { Deadlines } from "./deadlines.ts";
import type { Judgement } from "./judgePod.ts";
import type { PodReport, UncoveredCode } from "./podReport.ts";
import { PodTally } from "./podTally.ts";
import { MOST_EXAMPLES, type PodsByName, type RolloutSummary } from "./rolloutSummary.ts";
import { type Because, REASON_CODES } from "./verdict.ts";

/** A pod of the book with what is reported on it. */
export interface ReportedPod {
  readonly key: string;
  readonly pod: PodRecord;
  readonly judgement: Judgement;
  readonly report: PodReport;
  /** Its deadline has passed. Set by {@link ReportedPods} alone. */
  overdue: boolean;
}

type Label = Because | UncoveredCode | "drifted" | "failing" | "overdue";

/** Verdicts that are no news: the pod is done with, or its code says more. */
const UNTOLD: ReadonlySet<Because> = new Set(["upToDate", "imageOverridden", "notInjected", "inactivePod"]);

/** The running account of everything but the candidates: a change of a pod changes a few numbers. */
export class ReportedPods {
  readonly #tally = new PodTally<Label>();
  /** Of updated pods that are unavailable. */
  readonly #deadlines = new Deadlines<ReportedPod>();
  readonly #reasonOf: (key: string) => string | undefined;
  /** Active pods. */
  selected = 0;

  /** @param reasonOf what a failing pod waits for */
  constructor(reasonOf: (key: string) => string | undefined) {
    this.#reasonOf = reasonOf;
  }

  /** Adds many at once, which is faster than one by one. Only for a new object. */
  fill(pods: Iterable<ReportedPod>): void {
    const byLabel = new Map<Label, string[]>();
    for (const pod of pods) {
      this.#count(pod, 1);
      for (const label of labelsOf(pod)) {
        const keys = byLabel.get(label);
        if (keys) keys.push(pod.key);
        else byLabel.set(label, [pod.key]);
      }
    }
    this.#tally.fill(byLabel);
  }

  add(pod: ReportedPod): void {
    this.#count(pod, 1);
    for (const label of labelsOf(pod)) this.#tally.add(label, pod.key);
  }

  delete(pod: ReportedPod): void {
    this.#count(pod, -1);
    for (const label of labelsOf(pod)) this.#tally.delete(label, pod.key);
  }

  #count(pod: ReportedPod, by: 1 | -1): void {
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
    const { count, examples } = this.#byName("failing");
    const told = examples.map((key) => `${key} (${this.#reasonOf(key) ?? "not ready"})`);
    return { count, examples: told, overdue: this.#tally.count("overdue") };
  }

  #byName(label: Label): PodsByName {
    return { count: this.#tally.count(label), examples: this.#tally.first(label, MOST_EXAMPLES) };
  }
}

function labelsOf({ judgement, report, overdue }: ReportedPod): readonly Label[] {
  if (!report.active) return [];
  const labels: Label[] = [];
  const because = judgement.settled?.because;
  if (because !== undefined && !UNTOLD.has(because)) labels.push(because);
  if (report.uncovered) labels.push(report.uncovered);
  if (report.drifted) labels.push("drifted");
  if (report.failing !== undefined || overdue) labels.push("failing");
  if (overdue) labels.push("overdue");
  return labels;
}

function isUncovered(label: Label): label is UncoveredCode {
  return /^I\d\d$/.test(label);
}
