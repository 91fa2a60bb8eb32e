import type { ControllerRevision } from "../kube/object.ts";
import { oncePer } from "../oncePer.ts";
import { HASH_ANNOTATION } from "../sidecarSet/annotations.ts";
import { restoreRevision } from "../sidecarSet/revision.ts";
import { type SidecarDifference, sidecarDifferences } from "../sidecarSet/sidecarDifferences.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Skip } from "./verdict.ts";

type NonImageChange = Extract<Skip, { readonly because: "nonImageChange" }>;

/**
 * Names what differs between the revision that a pod carries and what the set has now. Compared once for a revision, however many
 * pods carry it.
 * @returns the verdict as it was where the revision is gone
 */
export function namingFields(
  set: SidecarSet,
  revisions: Iterable<ControllerRevision>,
): (verdict: NonImageChange) => NonImageChange {
  const stored = [...revisions];
  const named = new Map<string, NonImageChange>();
  return (verdict) => {
    const { revision, hash } = verdict;
    const key = `${revision}/${hash}`;
    const known = named.get(key);
    if (known) return known;
    const found = stored.find(
      ({ metadata }) =>
        metadata.name === revision ||
        (revision === "" && hash !== "" && metadata.annotations?.[HASH_ANNOTATION] === hash),
    );
    const fields = found && fieldsBeyondImage(set, found);
    const told = fields ? { ...verdict, revision: found.metadata.name ?? "", fields } : verdict;
    named.set(key, told);
    return told;
  };
}

/** @returns undefined where the revision's data is no record of a template */
function fieldsBeyondImage(set: SidecarSet, revision: ControllerRevision): readonly string[] | undefined {
  return fieldsOnce(set)(revision);
}

const fieldsOnce = oncePer((set: SidecarSet) =>
  oncePer((revision: ControllerRevision) => {
    const before = restoreRevision(set, revision);
    return before.ok ? sidecarDifferences(before.value.spec, set.spec).map(fieldOf) : undefined;
  }),
);

/** By the names of the containers: their numbers in the two templates may differ. */
function fieldOf(difference: SidecarDifference): string {
  const { kind, list } = difference;
  if (kind === "order") return list;
  return kind === "field" ? `${list}[${difference.after.name}]${difference.path}` : `${list}[${difference.sidecar}]`;
}
