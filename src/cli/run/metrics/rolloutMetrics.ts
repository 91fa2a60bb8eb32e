import { Histogram, type Registry } from "prom-client";
import type { RunningRollout } from "../../../controller/rolloutCourse.ts";
import type { RolloutEvent } from "../../../controller/rolloutEvent.ts";
import { sampledGauge } from "./sampledGauge.ts";

/** From a handful of pods to a rollout that a team stretches over a week. */
const ROLLOUT_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400, 604_800];
/** From a container that starts at once to one that pulls a large image and gets ready slowly. */
const POD_SECONDS = [0.5, 1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300, 600];

/** How long rollouts and pods took. @returns to be told what happens */
export function registerRolloutMetrics(
  registry: Registry,
  running: () => Iterable<RunningRollout>,
): (event: RolloutEvent) => void {
  const rollout = (part: string, help: string): Histogram<"result"> =>
    new Histogram({
      name: `sidecarset_rollout_${part}_seconds`,
      help,
      labelNames: ["result"],
      buckets: ROLLOUT_SECONDS,
      registers: [registry],
    });
  const total = rollout("duration", "From the edit of a SidecarSet to the end of its rollout.");
  const progress = rollout("progress", "The part of it that was neither paused nor held back.");
  const pause = rollout("pause", "The part of it that was paused or held back.");
  const pod = new Histogram({
    name: "sidecarset_pod_update_seconds",
    help: "From the write of a pod's new images to the pod being available again.",
    buckets: POD_SECONDS,
    registers: [registry],
  });
  sampledGauge(registry, {
    name: "sidecarset_rollout_running_seconds",
    help: "How long the rollout under way has taken so far; time in which it was paused or held back does not count.",
    *read() {
      for (const { sidecarSet, progressMs } of running()) {
        yield { labels: { sidecarset: sidecarSet }, value: progressMs / 1000 };
      }
    },
  });
  return (event) => {
    if (event.kind === "podEnded" && event.result === "ready") pod.observe((event.at - event.beganAt) / 1000);
    // What is handed over has not ended.
    if (event.kind !== "rolloutEnded" || event.result === "HandedOver") return;
    const { result, startedAt, at, pausedMs } = event;
    total.observe({ result }, (at - startedAt) / 1000);
    progress.observe({ result }, (at - startedAt - pausedMs) / 1000);
    pause.observe({ result }, pausedMs / 1000);
  };
}
