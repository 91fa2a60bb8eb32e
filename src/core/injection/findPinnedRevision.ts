import { compareUtf8 } from "../kube/goJson.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { CUSTOM_VERSION_LABEL, SIDECAR_SET_NAME_LABEL } from "../sidecarSet/annotations.ts";
import { restoreRevision } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";

/** The set with the template that its injection strategy pins, by the revision's name or else by its custom version. */
export function findPinnedRevision(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
): Result<SidecarSet, InjectionError> {
  const { revisionName, customVersion } = set.spec.injectionStrategy.revision ?? {};
  const own = revisions.filter(({ metadata }) => metadata.labels?.[SIDECAR_SET_NAME_LABEL] === set.name);
  const pinned =
    revisionName === undefined
      ? newest(own.filter(({ metadata }) => metadata.labels?.[CUSTOM_VERSION_LABEL] === customVersion))
      : own.find(({ metadata }) => metadata.name === revisionName);
  const field = `spec.injectionStrategy.revision.${revisionName === undefined ? "customVersion" : "revisionName"}`;
  if (pinned === undefined) {
    const message = `SidecarSet ${set.name} has no revision "${revisionName ?? customVersion}"`;
    return err(rejection(set.name, field, message));
  }
  const restored = restoreRevision(set, pinned);
  if (restored.ok) return ok(restored.value);
  return err(rejection(set.name, field, `revision ${pinned.metadata.name} cannot be read: ${restored.error}`));
}

/** The greatest revision number; of equal ones the latest, then the one with the greatest name. */
function newest(revisions: readonly ControllerRevision[]): ControllerRevision | undefined {
  return [...revisions].sort(byAge).at(-1);
}

function byAge(left: ControllerRevision, right: ControllerRevision): number {
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
