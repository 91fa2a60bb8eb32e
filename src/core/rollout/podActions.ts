import type { PodRecord } from "../pod/podRecord.ts";
import { upgradableCondition } from "../pod/upgradableCondition.ts";
import type { BookEntry } from "./bookEntry.ts";
import { podFacts } from "./podFacts.ts";
import type { PodAction } from "./rolloutPlan.ts";
import type { RolloutRules } from "./rolloutRules.ts";
import { flipPatch, type Moment, upgradePatch } from "./upgradePatch.ts";

/** Pods that can be written. */
interface DuePods {
  readonly wave: readonly BookEntry[];
  /** Those with a pair that can be flipped, and those whose condition is to be told something. */
  readonly flips: Iterable<BookEntry>;
  readonly marks: Iterable<BookEntry>;
}

/** The writes that the set's strategy lets through now. */
export function podActions(due: DuePods, rules: RolloutRules, moment: Moment): readonly PodAction[] {
  const { type, paused } = rules.set.spec.updateStrategy;
  if (type === "NotUpdate") return [];
  const flips = Array.from(due.flips, ({ pod }) => flipAction(pod, rules, moment.now));
  // What was started is finished: a pod that is half way runs two versions and holds budget for as long as it lasts.
  if (paused) return flips;
  const marks = Array.from(due.marks, (entry) => markAction(entry, rules, moment.now));
  // While a hot upgrade can be finished nothing new is started: the flip frees the budget that the pod holds.
  if (flips.length > 0) return [...marks, ...flips];
  return [...marks, ...due.wave.flatMap((entry) => upgradeActions(entry, rules, moment))];
}

/** The next image for a pod's sidecars; nothing where its metadata cannot be patched. */
function upgradeActions({ pod, judgement }: BookEntry, rules: RolloutRules, moment: Moment): readonly PodAction[] {
  const patch = upgradePatch(podFacts(pod, rules), moment);
  if (!patch.ok) return [];
  const { changes, operations } = patch.value;
  return [{ kind: "upgradePod", pod: nameOf(pod), changes, operations, wasReady: judgement.ready }];
}

/** The empty image for the idle halves of a pod's pairs. */
function flipAction(pod: PodRecord, rules: RolloutRules, now: number): PodAction {
  return { kind: "flipPod", pod: nameOf(pod), ...flipPatch(podFacts(pod, rules), now) };
}

/** The condition by which other tools see whether the pod can follow in place. */
function markAction({ pod, judgement }: BookEntry, rules: RolloutRules, now: number): PodAction {
  const upgradable = judgement.upgradable === true;
  const condition = upgradableCondition(pod, { sidecarSet: rules.set.name, upgradable }, now);
  const { uid, resourceVersion } = pod;
  return { kind: "markUpgradable", pod: nameOf(pod), upgradable, condition, uid, resourceVersion };
}

function nameOf({ namespace, name }: PodRecord): { readonly namespace: string; readonly name: string } {
  return { namespace, name };
}
