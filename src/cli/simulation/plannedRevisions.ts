import { jsonEqual } from "../../core/kube/jsonPatch.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import { SIDECAR_SET_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import { revisionData, revisionOf } from "../../core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import type { PlanReport } from "./planReport.ts";

/** From which revision to which: an earlier one that holds the same template is used again, with the next number. */
export function plannedRevisions(
  set: SidecarSet,
  stored: SidecarSet | undefined,
  revisions: readonly ControllerRevision[],
): Pick<PlanReport, "from" | "to"> {
  const own = revisions
    .filter(({ metadata }) => metadata.labels?.[SIDECAR_SET_NAME_LABEL] === set.name)
    .toSorted((one, other) => one.revision - other.revision);
  const newest = own.at(-1);
  const latest = own.find(({ metadata }) => metadata.name === stored?.status.latestRevision) ?? newest;
  const known = own.findLast(({ data }) => jsonEqual(data, revisionData(set)));
  const number = known !== undefined && known === newest ? known.revision : (newest?.revision ?? 0) + 1;
  const collisionCount = stored?.status.collisionCount ?? 0;
  const { name = "" } = (known ?? revisionOf(set, { revision: number, collisionCount })).metadata;
  return {
    from: stored && latest ? { name: latest.metadata.name ?? "", number: latest.revision } : null,
    to: { name, number, isNew: known === undefined },
  };
}
