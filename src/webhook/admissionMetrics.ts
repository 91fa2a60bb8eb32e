import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { isClusterError } from "../cluster/clusterError.ts";
import type { NamespaceReadResult } from "../cluster/namespaceReads.ts";
import type { InjectionOutcome } from "../core/injection/injection.ts";
import type { AdmissionAnswer } from "./admissionReview.ts";

/** What one webhook server counts. No label names a pod or a SidecarSet: there may be any number of them. */
export interface AdmissionMetrics {
  countPod(answer: AdmissionAnswer): void;
  /** A pod on which nobody could decide. */
  countFailure(error: unknown): void;
  countNamespaceRead(result: NamespaceReadResult): void;
  /** @param webhook its path without the slash */
  observe(webhook: string, seconds: number): void;
  /** @param seconds since the epoch */
  certificateEndsAt(seconds: number): void;
}

/** From a pod that takes a quarter of a millisecond to one that waits for its namespace. */
const SECONDS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 2.5];

export function admissionMetrics(registry: Registry): AdmissionMetrics {
  const registers = [registry];
  const backlog = new Backlog();
  // What waits is counted before either of them is read.
  const collect = (): void => backlog.workOff();
  const injections = new Counter({
    name: "sidecarset_injections_total",
    help: "SidecarSets that were injected into a new pod, or skipped although they select it; pods that were unchanged, refused, or failed to be decided on. The reason is a code of the reference.",
    labelNames: ["result", "reason"],
    registers,
    collect,
  });
  const seconds = new Histogram({
    name: "sidecarset_admission_seconds",
    help: "Time from the whole request to its answer.",
    labelNames: ["webhook"],
    buckets: SECONDS,
    registers,
    collect,
  });
  const namespaceReads = new Counter({
    name: "sidecarset_namespace_reads_total",
    help: "Namespaces read from the API server because a pod came before the watch told of them.",
    labelNames: ["result"],
    registers,
  });
  const certificateEnds = new Gauge({
    name: "sidecarset_webhook_cert_expiry_timestamp_seconds",
    help: "When the certificate that this webhook serves ends.",
    registers,
  });
  const count: Count = (result, reason) => backlog.add(() => injections.inc({ result, reason }));
  return {
    countPod: (answer) => countAnswer(answer, count),
    countFailure: (error) => count("failed", isClusterError(error) ? error.kind : "internal"),
    countNamespaceRead: (result) => namespaceReads.inc({ result }),
    certificateEndsAt: (end) => certificateEnds.set(end),
    observe: (webhook, duration) => backlog.add(() => seconds.observe({ webhook }, duration)),
  };
}

/** Counting many in one go takes a fraction of the time that it takes between other work, request by request. */
class Backlog {
  #waiting: (() => void)[] = [];

  add(count: () => void): void {
    if (this.#waiting.push(count) >= MOST_WAITING) this.workOff();
  }

  workOff(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const count of waiting) count();
  }
}

const MOST_WAITING = 100;

type InjectionResult = "injected" | "skipped" | "unchanged" | "refused" | "failed";

type Count = (result: InjectionResult, reason: string) => void;

function countAnswer(answer: AdmissionAnswer, count: Count): void {
  if (!answer.allowed) count("refused", answer.reason ?? "invalid");
  else if (answer.outcomes !== undefined) countOutcomes(answer.outcomes.filter(isAboutThisPod), count);
}

function countOutcomes(outcomes: readonly InjectionOutcome[], count: Count): void {
  if (outcomes.length === 0) count("unchanged", "");
  for (const outcome of outcomes) {
    if (outcome.kind === "injected") count("injected", outcome.otherRevision?.code ?? "");
    else count("skipped", outcome.reason.code);
  }
}

/** SidecarSets that are meant for other pods are not even looked at, most of them; so none of them is counted. */
function isAboutThisPod(outcome: InjectionOutcome): boolean {
  if (outcome.kind === "injected") return true;
  const { because } = outcome.reason;
  return because !== "selectorMismatch" && because !== "namespaceMismatch";
}
