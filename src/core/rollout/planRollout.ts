import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Stop } from "../sidecarSet/stopSwitches.ts";
import { RolloutBook } from "./rolloutBook.ts";
import type { RolloutPlan } from "./rolloutPlan.ts";
import { isSelected, type RolloutRules, rolloutRules, type Surroundings } from "./rolloutRules.ts";
import type { Verdict } from "./verdict.ts";

/** Everything a rollout of one set depends on, at one moment. */
export interface RolloutSnapshot {
  readonly set: SidecarSet;
  /** All pods of the cluster, or at least those that the set may select. */
  readonly pods: Iterable<PodRecord>;
  /** Labels of every namespace by its name. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly revisions: Iterable<ControllerRevision>;
  readonly surroundings?: Surroundings;
  /** Somebody stopped all updates in place. */
  readonly updatesStopped?: Stop | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What happens next to a set's pods, and the reason for each: the same book that a controller keeps, opened for one look. */
export function planRollout(snapshot: RolloutSnapshot): RolloutPlan & {
  readonly verdicts: ReadonlyMap<string, Verdict>;
} {
  const { set, now } = snapshot;
  const revisions = [...snapshot.revisions];
  const book = openBook(snapshot);
  book.stopUpdates(snapshot.updatesStopped);
  const plan = book.plan({ revisions, collisionCount: set.status.collisionCount ?? 0, now });
  return { ...plan, verdicts: book.verdicts(now, revisions) };
}

export function openBook({
  set,
  pods,
  namespaces,
  surroundings,
}: Pick<RolloutSnapshot, "set" | "pods" | "namespaces" | "surroundings">): RolloutBook {
  const rules = rolloutRules(set, surroundings);
  return RolloutBook.open(rules, selectedPods(rules, pods, namespaces));
}

function* selectedPods(
  rules: RolloutRules,
  pods: Iterable<PodRecord>,
  namespaces: RolloutSnapshot["namespaces"],
): Iterable<PodRecord> {
  for (const pod of pods) if (isSelected(rules, pod, namespaces.get(pod.namespace))) yield pod;
}
