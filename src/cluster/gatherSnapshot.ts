import type { Labels } from "../core/kube/labelSelector.ts";
import type { ControllerRevision, Namespace } from "../core/kube/object.ts";
import type { PodRecord } from "../core/pod/podRecord.ts";
import type { RolloutSnapshot } from "../core/rollout/planRollout.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { LocalCopy } from "./localCopy.ts";
import { type SwitchCopy, switchesIn } from "./switchCopy.ts";

/** The local copies that rollouts are decided from. */
export interface RolloutCopies {
  /** Undefined stands for an object that cannot be read; it upgrades nothing. */
  readonly sidecarSets: LocalCopy<SidecarSet | undefined>;
  readonly pods: LocalCopy<PodRecord>;
  readonly namespaces: LocalCopy<Namespace>;
  /** Those of the system namespace. */
  readonly revisions: LocalCopy<ControllerRevision>;
  /** Absent: nothing can be stopped. */
  readonly switches?: SwitchCopy;
}

/** @returns undefined when there is no such SidecarSet, or none that can be read */
export function gatherSnapshot(copies: RolloutCopies, sidecarSet: string, now: number): RolloutSnapshot | undefined {
  const set = copies.sidecarSets.get({ name: sidecarSet });
  if (!set) return undefined;
  return {
    set,
    pods: copies.pods.values(),
    namespaces: new Map(
      [...copies.namespaces.values()].map((namespace) => [namespace.metadata.name ?? "", labelsOf(namespace)]),
    ),
    revisions: copies.revisions.values(),
    updatesStopped: switchesIn(copies.switches).updates,
    now,
  };
}

export function labelsOf(namespace: Namespace): Labels {
  return namespace.metadata.labels ?? {};
}
