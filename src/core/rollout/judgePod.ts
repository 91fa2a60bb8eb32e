import { withMetadataPatches } from "../pod/metadataPatches.ts";
import { keepsOwnTag } from "../pod/sidecars.ts";
import { isMarkedNotUpgradable } from "../pod/upgradableCondition.ts";
import {
  credibleAt,
  isConsistentAndReady,
  isHalfWay,
  isReady,
  type PodFacts,
  pairsToFlip,
  runningPreviousUpgrade,
} from "./podFacts.ts";
import type { Because, Skip, Wait } from "./verdict.ts";

/** What one pod says by itself, regardless of the others. */
export interface Judgement {
  /** Undefined: the pod is a candidate, and its place in the queue decides. */
  readonly settled: Skip | Wait | undefined;
  readonly counts: boolean;
  /** By the set's update selector. */
  readonly selected: boolean;
  readonly updated: boolean;
  /** What the budget asks of an updated pod: every sidecar at its image, and ready. */
  readonly available: boolean;
  /** Until then `available` is only claimed; undefined: it can be believed. */
  readonly credibleAt: number | undefined;
  /** An earlier upgrade, to another image than the set asks for now, has not brought the pod back yet: it costs budget as well. */
  readonly inFlight: boolean;
  /** A candidate that is ready costs budget; one that is not goes for free. */
  readonly ready: boolean;
  /** The old revision the pod keeps alive; empty when it names none. */
  readonly revision: string;
  readonly flips: boolean;
  /** What the pod's condition should be told; undefined: it is right as it stands. */
  readonly upgradable: boolean | undefined;
}

export function judgePod(facts: PodFacts): Judgement {
  const { pod, rules, carries, counts, updated } = facts;
  const settled = firstHit(facts);
  const available = counts && isConsistentAndReady(facts);
  return {
    settled,
    counts,
    selected: notSelected(facts) === undefined,
    updated: counts && updated,
    available,
    credibleAt: available && updated ? credibleAt(facts) : undefined,
    inFlight: isInFlight(facts, available),
    ready: isReady(facts),
    revision: counts ? carries.controllerRevision : "",
    flips: counts && pairsToFlip(facts).length > 0,
    upgradable: upgradableAnswer(facts, isMarkedNotUpgradable(pod, rules.set.name)),
  };
}

/** Only what our own record vouches for, and only where the set can still do something about it. */
function isInFlight(facts: PodFacts, available: boolean): boolean {
  if (facts.updated || !facts.counts || available || !facts.records.own?.containers.size) return false;
  return notSelected(facts) === undefined;
}

type Check = (facts: PodFacts) => Skip | Wait | undefined;

const inactivePod: Check = ({ pod, counts, injected, missingContainer }) =>
  !counts && injected && missingContainer === undefined
    ? { kind: "skip", because: "inactivePod", phase: pod.deleting ? "Terminating" : pod.phase }
    : undefined;

const notInjected: Check = ({ injected }) => (injected ? undefined : { kind: "skip", because: "notInjected" });

const containerMissing: Check = ({ missingContainer }) =>
  missingContainer === undefined
    ? undefined
    : { kind: "skip", because: "containerMissing", container: missingContainer };

const flipPending: Check = ({ updated, carried }) => {
  const pair = updated ? carried.find(isHalfWay) : undefined;
  return pair && { kind: "wait", because: "flipPending", container: pair.sidecar.name };
};

const imageOverridden: Check = ({ updated, carried }) => {
  const kept = updated ? carried.find(keepsOwnTag) : undefined;
  return kept && { kind: "skip", because: "imageOverridden", container: kept.sidecar.name, image: kept.sidecar.image };
};

const upToDate: Check = ({ updated, carries }) =>
  updated
    ? {
        kind: "skip",
        because: "upToDate",
        revision: carries.controllerRevision,
      }
    : undefined;

const notUpdateStrategy: Check = ({ rules }) =>
  rules.set.spec.updateStrategy.type === "NotUpdate" ? { kind: "skip", because: "notUpdateStrategy" } : undefined;

const notSelected: Check = ({ pod, rules }) =>
  rules.updateSelector && !rules.updateSelector.matches(pod.labels)
    ? { kind: "skip", because: "notSelected", unmet: rules.updateSelector.firstUnmet(pod.labels) }
    : undefined;

const nonImageChange: Check = ({ sameButImages, carries }) => {
  if (sameButImages) return undefined;
  const { controllerRevision, hash } = carries;
  return { kind: "skip", because: "nonImageChange", revision: controllerRevision, hash };
};

const metadataConflict: Check = ({ pod, rules }) => {
  if (rules.set.spec.patchPodMetadata.length === 0) return undefined;
  const patched = withMetadataPatches(pod, rules.set.spec.patchPodMetadata);
  if (patched.ok) return undefined;
  return { kind: "skip", because: "metadataConflict", annotation: patched.error.key, problem: patched.error.problem };
};

const previousUpgradeRunning: Check = (facts) => {
  const container = runningPreviousUpgrade(facts);
  return container && { kind: "wait", because: "previousUpgradeRunning", container: container.name };
};

const paused: Check = ({ rules }) =>
  rules.set.spec.updateStrategy.paused ? { kind: "wait", because: "paused" } : undefined;

/** In this order; the first hit is the pod's reason. What passes all of them is a candidate. */
const CHECKS = {
  notInjected,
  containerMissing,
  inactivePod,
  flipPending,
  imageOverridden,
  upToDate,
  notUpdateStrategy,
  notSelected,
  nonImageChange,
  metadataConflict,
  previousUpgradeRunning,
  paused,
} as const satisfies Partial<Record<Because, Check>>;

/** What they find, in the order in which they are asked. */
export const ORDER_OF_CHECKS = Object.keys(CHECKS) as readonly (keyof typeof CHECKS)[];
const IN_ORDER: readonly Check[] = Object.values(CHECKS);

function firstHit(facts: PodFacts): Skip | Wait | undefined {
  for (const check of IN_ORDER) {
    const verdict = check(facts);
    if (verdict) return verdict;
  }
  return undefined;
}

/** False is written where an upgrade in place is impossible; true only to take such a False back. */
function upgradableAnswer(facts: PodFacts, marked: boolean): boolean | undefined {
  const { updateStrategy } = facts.rules.set.spec;
  if (!facts.counts || updateStrategy.paused || updateStrategy.type === "NotUpdate") return undefined;
  if (facts.updated || facts.sameButImages) return marked ? true : undefined;
  return marked || notSelected(facts) ? undefined : false;
}
