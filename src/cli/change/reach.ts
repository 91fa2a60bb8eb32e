import { podsText } from "../../core/rollout/rolloutSummary.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { commandFor } from "../programName.ts";
import type { ClusterOptions } from "../withCluster.ts";

/** The pods of a SidecarSet by its status: as fresh as the manager that writes it. */
export interface Reach {
  readonly pods: number;
  readonly updated: number;
  /** Pods that restart now, or are updated and not ready for another reason. */
  readonly unfinished: number;
  /** Undefined: no manager has told yet. */
  readonly limit: number | undefined;
}

export function reachOf({ status }: SidecarSet): Reach {
  const { matchedPods = 0, updatedPods = 0, updatedReadyPods = 0, budget } = status;
  return { pods: matchedPods, updated: updatedPods, unfinished: updatedPods - updatedReadyPods, limit: budget?.limit };
}

/** `16 of 40 pods have the newest revision (log-agent-7c9f)` */
export function reachText(set: SidecarSet): string {
  const { pods, updated } = reachOf(set);
  const { latestRevision } = set.status;
  if (set.status.observedGeneration === undefined) return "no manager has looked at it yet: how many pods is not known";
  const revision = latestRevision === undefined ? "" : ` (${latestRevision})`;
  return `${updated} of ${podsText(pods)} have the newest revision${revision}`;
}

/** `at most 4 at once`; empty when that is not known. */
export function paceText({ limit }: Reach): string {
  return limit === undefined ? "" : `, at most ${limit} at once`;
}

/** A warning where its status tells so. */
export function stoppedAll(set: SidecarSet, options: ClusterOptions): readonly string[] {
  if (set.status.rollout?.reason !== "UpdatesStopped") return [];
  return [`all updates of the cluster are stopped: nothing moves before ${commandFor(["start", "updates"], options)}`];
}
