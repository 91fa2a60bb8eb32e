import { Counter, Histogram, type Registry } from "prom-client";
import type { QueueLoad, QueueObserver, WorkOutcome } from "../../../controller/workQueue.ts";
import { type Sample, sampledGauge } from "./sampledGauge.ts";

/** As the controller of the original is called, so that its boards find ours. */
const CONTROLLER = { controller: "sidecarset-controller" };
const QUEUE = { name: CONTROLLER.controller, ...CONTROLLER };
/** In the words of controller-runtime. */
const RESULTS: Readonly<Record<WorkOutcome, string>> = { done: "success", requeued: "requeue_after", failed: "error" };
const SECONDS = [0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/** Names and labels of controller-runtime. @param load undefined while nobody works here */
export function registerQueueMetrics(registry: Registry, load: () => QueueLoad | undefined): QueueObserver {
  const registers = [registry];
  const queueLabels = { labelNames: ["name", "controller"] as const, registers };
  const added = new Counter({
    name: "workqueue_adds_total",
    help: "SidecarSets that were to be planned.",
    ...queueLabels,
  });
  const retries = new Counter({
    name: "workqueue_retries_total",
    help: "Plans that failed and are made again.",
    ...queueLabels,
  });
  const waited = new Histogram({
    name: "workqueue_queue_duration_seconds",
    help: "From when a SidecarSet was due to the beginning of its plan.",
    buckets: SECONDS,
    ...queueLabels,
  });
  const worked = new Histogram({
    name: "workqueue_work_duration_seconds",
    help: "From the beginning of a plan to the end of its writes.",
    buckets: SECONDS,
    ...queueLabels,
  });
  const reconciled = new Counter({
    name: "controller_runtime_reconcile_total",
    help: "Plans that were made and carried out, by result.",
    labelNames: ["controller", "result"],
    registers,
  });
  const loadGauge = (name: string, help: string, read: (load: QueueLoad) => number): void => {
    sampledGauge(registry, { name, help, read: () => sampleOf(load(), read) });
  };
  loadGauge("workqueue_depth", "SidecarSets that are due and wait.", ({ depth }) => depth);
  loadGauge("workqueue_unfinished_work_seconds", "Time that the plans under way have taken so far.", ({ runningMs }) =>
    runningMs.reduce((sum, ms) => sum + ms / 1000, 0),
  );
  loadGauge(
    "workqueue_longest_running_processor_seconds",
    "Time that the longest of them has taken so far.",
    ({ runningMs }) => Math.max(0, ...runningMs) / 1000,
  );
  return {
    added: () => added.inc(QUEUE),
    started: (ms) => waited.observe(QUEUE, Math.max(0, ms) / 1000),
    ended(outcome, ms) {
      worked.observe(QUEUE, ms / 1000);
      reconciled.inc({ ...CONTROLLER, result: RESULTS[outcome] });
      if (outcome === "failed") retries.inc(QUEUE);
    },
  };
}

function sampleOf(load: QueueLoad | undefined, read: (load: QueueLoad) => number): readonly Sample[] {
  return load ? [{ labels: QUEUE, value: read(load) }] : [];
}
