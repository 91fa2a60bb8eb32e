import { invalid, oneOf, required } from "../../kube/fieldErrors.ts";
import type { FieldError } from "../../result.ts";
import { pinnedRevisionOf } from "../pinnedRevision.ts";
import { restoreRevision } from "../revision.ts";
import type { CheckedSidecarSet, Proposal } from "./proposal.ts";

const PATH = "spec.injectionStrategy.revision";

/** A pin must name a revision of this set that exists: otherwise no pod could be created. FollowPartition needs none. */
export function injectionStrategyErrors(
  { set, spec }: CheckedSidecarSet,
  known: Pick<Proposal, "revisions" | "offline">,
): FieldError[] {
  const pin = spec.injectionStrategy?.revision;
  if (!pin) return [];
  return [
    ...oneOf(pin.policy || undefined, ["Always", "Partial", "FollowPartition"], `${PATH}.policy`),
    ...pinErrors(set, known),
  ];
}

function pinErrors(
  set: CheckedSidecarSet["set"],
  { revisions, offline = false }: Pick<Proposal, "revisions" | "offline">,
): FieldError[] {
  const { revisionName, customVersion, policy } = set.spec.injectionStrategy.revision ?? {};
  if (revisionName === undefined && customVersion === undefined) {
    return policy === "FollowPartition" ? [] : required(PATH, "give a revisionName or a customVersion");
  }
  const [field, value] = revisionName === undefined ? ["customVersion", customVersion] : ["revisionName", revisionName];
  const pinned = pinnedRevisionOf(set, revisions);
  if (!pinned) return offline ? [] : invalid(`${PATH}.${field}`, value, `${set.name} has no such revision`);
  const restored = restoreRevision(set, pinned);
  return restored.ok ? [] : invalid(`${PATH}.${field}`, value, `the revision cannot be read: ${restored.error}`);
}
