import { compareUtf8 } from "../kube/goJson.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { CUSTOM_VERSION_LABEL, SIDECAR_SET_NAME_LABEL } from "./annotations.ts";
import type { SidecarSet } from "./sidecarSet.ts";

/** The set's own revision that its injection strategy pins: by name, or else the newest of a custom version. */
export function pinnedRevisionOf(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
): ControllerRevision | undefined {
  const { revisionName, customVersion } = set.spec.injectionStrategy.revision ?? {};
  const own = ownRevisions(set, revisions);
  if (revisionName !== undefined) return own.find(({ metadata }) => metadata.name === revisionName);
  return own
    .filter(({ metadata }) => metadata.labels?.[CUSTOM_VERSION_LABEL] === customVersion)
    .sort(byAge)
    .at(-1);
}

export function ownRevisions(set: SidecarSet, revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return revisions.filter(
    (revision) => revision.metadata.labels?.[SIDECAR_SET_NAME_LABEL] === set.name && !isOfAnother(set, revision),
  );
}

/** Anybody can set a label. The owner tells, where both have been stored: a predecessor of the same name is another set. */
function isOfAnother({ uid }: SidecarSet, { metadata }: ControllerRevision): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return owner !== undefined && owner.uid !== "" && uid !== "" && owner.uid !== uid;
}

/** By revision number, then by time, then by name. */
export function byAge(left: ControllerRevision, right: ControllerRevision): number {
  return (
    left.revision - right.revision || createdAt(left) - createdAt(right) || compareUtf8(nameOf(left), nameOf(right))
  );
}

function createdAt({ metadata }: ControllerRevision): number {
  return metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : 0;
}

function nameOf({ metadata }: ControllerRevision): string {
  return metadata.name ?? "";
}
