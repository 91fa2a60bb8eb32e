import type { IntOrPercent } from "../../kube/intOrPercent.ts";
import { maxUnavailableOf, partitionOf } from "../../rollout/budget.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import { type Check, finding, type Replaced, shown } from "./finding.ts";

const MAX_UNAVAILABLE = "spec.updateStrategy.maxUnavailable";
const PARTITION = "spec.updateStrategy.partition";

export const maxUnavailableZero: Check = ({ set: { spec } }) => {
  const { type, maxUnavailable } = spec.updateStrategy;
  if (type === "NotUpdate" || !isZero(maxUnavailable)) return [];
  const message = `${shown(maxUnavailable)} lets no ready pod be updated, they wait for ever (U06); give 1 or more, or hold a rollout by paused: true`;
  return finding("L01", MAX_UNAVAILABLE, message);
};

export const selectorWithPartition: Check = ({ set: { spec } }) => {
  const { type, selector, partition } = spec.updateStrategy;
  if (type === "NotUpdate" || selector === undefined || isZero(partition)) return [];
  const message = `${shown(partition)} is taken of the pods that updateStrategy.selector selects; OpenKruise refuses the two together: leave one out if it must read this too`;
  return finding("L03", PARTITION, message);
};

/**
 * By the status, and only where the order of pods is not the set's own: unready pods go first then, and hold budget until they
 * recover.
 */
export const budgetExhausted: Check = ({ set, old }) => {
  const counted = old && countedPods(old.set);
  if (!old || !counted || !startsRollout(set, old)) return [];
  const { selector, priorityStrategy, scatterStrategy, maxUnavailable } = set.spec.updateStrategy;
  if (selector || priorityStrategy || scatterStrategy.length > 0) return [];
  const limit = maxUnavailableOf(maxUnavailable, counted.matched);
  const unready = counted.matched - counted.ready;
  if (!limit.ok || limit.value === 0 || counted.ready === 0 || unready < limit.value) return [];
  const message = `a budget of ${shown(maxUnavailable)} of ${counted.matched} pods is used up: ${unready} are not ready (status), go first, and ready ones wait until they recover (U06); mend them or raise it`;
  return finding("L06", MAX_UNAVAILABLE, message);
};

export const partitionKeepsAll: Check = ({ set, old }) => {
  const { type, partition } = set.spec.updateStrategy;
  if (type === "NotUpdate" || !keepsAll(partition, old)) return [];
  const message = `${shown(partition)} keeps every pod on the revision it runs: no running pod is updated (U05) until it is lowered`;
  return finding("L10", PARTITION, message);
};

function keepsAll(partition: IntOrPercent, old: Replaced | undefined): boolean {
  if (typeof partition === "string" && Number.parseInt(partition, 10) >= 100) return true;
  const matched = (old && countedPods(old.set)?.matched) ?? 0;
  const kept = partitionOf(partition, matched);
  return matched > 0 && kept.ok && kept.value >= matched;
}

/** Only images change, in a set that rolls them out. */
function startsRollout(set: SidecarSet, old: Replaced): boolean {
  const { type, paused, partition } = set.spec.updateStrategy;
  if (type === "NotUpdate" || paused || keepsAll(partition, old)) return false;
  const { hashes, newHashes } = old;
  return hashes.hash !== newHashes.hash && hashes.hashWithoutImage === newHashes.hashWithoutImage;
}

/** What the status says about the spec as it is stored; undefined while it says nothing about that. */
function countedPods({ generation, status }: SidecarSet) {
  const { observedGeneration, matchedPods: matched, readyPods: ready } = status;
  if (observedGeneration !== generation || matched === undefined || ready === undefined) return undefined;
  return { matched, ready };
}

function isZero(amount: IntOrPercent): boolean {
  return typeof amount === "number" ? amount === 0 : /^0+%$/.test(amount);
}
