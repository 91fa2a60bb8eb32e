import { hotUpgradeNames } from "../pod/bookkeeping.ts";
import { isConsistent } from "../pod/imageConsistency.ts";
import type { ContainerRecord } from "../pod/podRecord.ts";
import type { CarriedPair } from "../pod/sidecars.ts";
import { alternativeVersionAnnotation, versionAnnotation } from "../sidecarSet/annotations.ts";
import { NO_CHANGE, type PlannedWrite } from "./plannedWrite.ts";
import type { PodFacts } from "./podFacts.ts";

/** What the idle container of a pair says as its version. */
const IDLE_VERSION = "0";

/**
 * First half of a hot upgrade: the container that is free gets the new image and is the working one from now on; the other keeps
 * serving until the flip. Where the other one has the wanted image already (a rollback on the way), it is the working one again, and
 * the flip empties the one that was to follow it.
 */
export function upgradePair(facts: PodFacts, pair: CarriedPair): PlannedWrite {
  const { pod, rules } = facts;
  const { target, other } = chooseTarget(facts, pair);
  if (other.image === pair.sidecar.image) {
    return other === pair.working ? NO_CHANGE : { ...NO_CHANGE, working: [[pair.sidecar.name, other.name]] };
  }
  const version = rules.set.resourceVersion;
  return {
    images: [{ list: pair.sidecar.list, container: target, image: pair.sidecar.image }],
    annotations: {
      [versionAnnotation(target.name)]: version,
      [alternativeVersionAnnotation(target.name)]: pod.annotations[versionAnnotation(other.name)] ?? "",
      [alternativeVersionAnnotation(other.name)]: version,
    },
    working: [[pair.sidecar.name, target.name]],
  };
}

/** Second half: the container that worked before gets the empty image. */
export function flipPair({ sidecar, working, idle }: CarriedPair): PlannedWrite {
  return {
    images: [{ list: sidecar.list, container: idle, image: sidecar.emptyImage }],
    annotations: {
      [versionAnnotation(idle.name)]: IDLE_VERSION,
      [alternativeVersionAnnotation(working.name)]: IDLE_VERSION,
    },
    working: [],
  };
}

/** The empty container if there is one, else the one that does not serve, else the one that is not the working one. */
function chooseTarget(
  { pod, records }: PodFacts,
  { sidecar, working, idle }: CarriedPair,
): { readonly target: ContainerRecord; readonly other: ContainerRecord } {
  const { first } = hotUpgradeNames(sidecar.name);
  const [one, two] = working.name === first ? [working, idle] : [idle, working];
  if (one.image === sidecar.emptyImage) return { target: one, other: two };
  if (two.image === sidecar.emptyImage) return { target: two, other: one };
  const serves = (container: ContainerRecord) =>
    container.status?.ready === true && isConsistent(pod, [container], records);
  if (serves(one) !== serves(two)) return serves(one) ? { target: two, other: one } : { target: one, other: two };
  return { target: idle, other: working };
}
